namespace Florin.Biometrics;

/// <summary>
/// Veins as lines of greatest curvature: N. Miura, A. Nagasaka, T. Miyatake, "Extraction of finger-vein patterns using maximum curvature points in image
/// profiles", IEICE Transactions E90-D (2007). Brightness across a vein is a dent; where its curvature is greatest lies the vein's middle, whatever the light.
/// </summary>
public static class MaximumCurvature
{
    // Along, across, and both diagonals.
    private static readonly (int X, int Y)[] Directions = [(1, 0), (0, 1), (1, 1), (1, -1)];

    /// <summary>The veins in a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="sigma">The width of the Gaussian that smooths it, in pixels: about half the width of a vein.</param>
    public static VeinPattern Extract(VeinImage image, double sigma = 3)
    {
        var (width, height) = (image.Width, image.Height);
        var scores = new double[width * height];
        var smooth = new Derivatives(image, sigma);
        foreach (var direction in Directions)
        {
            AddCentres(smooth.Curvature(direction.X, direction.Y), width, height, direction, scores);
        }

        var connected = Connect(scores, width, height);
        var positive = connected.Where(score => score > 0).Order().ToList();
        var least = positive.Count > 0 ? positive[positive.Count / 2] : double.PositiveInfinity;
        return new VeinPattern(width, height, [.. connected.Select(score => score > least)]);
    }

    // On each line of this direction: in each run of positive curvature the place of the greatest, rated by that curvature times the run's length.
    private static void AddCentres(double[] curvature, int width, int height, (int X, int Y) direction, double[] scores)
    {
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (beforeX, beforeY) = (x - direction.X, y - direction.Y);
                if (beforeX < 0 || beforeY < 0 || beforeY >= height)
                {
                    AddCentresOfLine(curvature, width, height, (x, y), direction, scores);
                }
            }
        }
    }

    private static void AddCentresOfLine(double[] curvature, int width, int height, (int X, int Y) start, (int X, int Y) direction, double[] scores)
    {
        var (length, best) = (0, 0);
        for (var (x, y) = start; x < width && y >= 0 && y < height; x += direction.X, y += direction.Y)
        {
            var at = (y * width) + x;
            if (curvature[at] > 0)
            {
                best = length == 0 || curvature[at] > curvature[best] ? at : best;
                length++;
            }
            else if (length > 0)
            {
                scores[best] += curvature[best] * length;
                length = 0;
            }
        }

        if (length > 0)
        {
            scores[best] += curvature[best] * length;
        }
    }

    // A point with neighbours on both sides of some direction is part of a line: gaps are closed, and specks fade.
    private static double[] Connect(double[] scores, int width, int height)
    {
        var connected = new double[scores.Length];
        for (var y = 2; y < height - 2; y++)
        {
            for (var x = 2; x < width - 2; x++)
            {
                var at = (y * width) + x;
                foreach (var (dx, dy) in Directions)
                {
                    var step = (dy * width) + dx;
                    var line = Math.Min(Math.Max(scores[at + step], scores[at + (2 * step)]), Math.Max(scores[at - step], scores[at - (2 * step)]));
                    connected[at] = Math.Max(connected[at], line);
                }
            }
        }

        return connected;
    }

    /// <summary>First and second derivatives of the smoothed picture.</summary>
    private sealed class Derivatives
    {
        private readonly double[] x;
        private readonly double[] y;
        private readonly double[] xx;
        private readonly double[] yy;
        private readonly double[] xy;

        public Derivatives(VeinImage image, double sigma)
        {
            var reach = (int)Math.Ceiling(3 * sigma);
            var offsets = Enumerable.Range(-reach, (2 * reach) + 1).ToArray();
            var sum = offsets.Sum(u => Gauss(u, sigma));
            double[] plain = [.. offsets.Select(u => Gauss(u, sigma) / sum)];
            double[] first = [.. offsets.Select((u, i) => u / (sigma * sigma) * plain[i])]; // of a correlation: the derivative's mirror image
            double[] second = [.. offsets.Select((u, i) => ((u * u) - (sigma * sigma)) / Math.Pow(sigma, 4) * plain[i])];
            double[] light = [.. image.Light];
            double[] Filter(double[] along, double[] across) => Across(Along(light, image.Width, along), image.Width, image.Height, across);
            (x, y) = (Filter(first, plain), Filter(plain, first));
            (xx, yy, xy) = (Filter(second, plain), Filter(plain, second), Filter(first, first));
        }

        /// <summary>The curvature of the brightness profile in a direction, at each pixel.</summary>
        public double[] Curvature(int dx, int dy)
        {
            var length = Math.Sqrt((dx * dx) + (dy * dy));
            var (cos, sin) = (dx / length, dy / length);
            var curvature = new double[x.Length];
            for (var i = 0; i < curvature.Length; i++)
            {
                var slope = (cos * x[i]) + (sin * y[i]);
                var bend = (cos * cos * xx[i]) + (2 * cos * sin * xy[i]) + (sin * sin * yy[i]);
                curvature[i] = bend / Math.Pow(1 + (slope * slope), 1.5);
            }

            return curvature;
        }

        private static double Gauss(double u, double sigma) => Math.Exp(-u * u / (2 * sigma * sigma));

        private static double[] Along(double[] from, int width, double[] kernel)
        {
            var (to, reach) = (new double[from.Length], kernel.Length / 2);
            for (var at = 0; at < from.Length; at++)
            {
                var column = at % width;
                for (var k = 0; k < kernel.Length; k++)
                {
                    to[at] += kernel[k] * from[at - column + Math.Clamp(column + k - reach, 0, width - 1)];
                }
            }

            return to;
        }

        private static double[] Across(double[] from, int width, int height, double[] kernel)
        {
            var (to, reach) = (new double[from.Length], kernel.Length / 2);
            for (var at = 0; at < from.Length; at++)
            {
                var (row, column) = (at / width, at % width);
                for (var k = 0; k < kernel.Length; k++)
                {
                    to[at] += kernel[k] * from[(Math.Clamp(row + k - reach, 0, height - 1) * width) + column];
                }
            }

            return to;
        }
    }
}
