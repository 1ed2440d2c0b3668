namespace Florin.Biometrics;

/// <summary>A place in a picture, in pixels.</summary>
internal readonly record struct Spot(double X, double Y);

/// <summary>
/// Whether two views can be of one flat thing. All views of a plane, such as a photo or a screen, are images of each other under a homography (Hartley and
/// Zisserman, Multiple View Geometry, 2nd edition, 13.1); two views of a head that turned are not, since its nose stands out.
/// </summary>
internal static class Homography
{
    private const int Unknowns = 8;
    private const int Rounds = 12;

    /// <summary>
    /// How far, as a root mean square in pixels of the second view, the points of two views are from the best homography between them: normalised
    /// direct linear transform (the same book, algorithm 4.2), then Gauss–Newton on the distances in the second view.
    /// </summary>
    /// <param name="from">Points in the first view, at least 5.</param>
    /// <param name="to">The same points in the second view.</param>
    /// <returns>Infinity where no homography could be found, as of points that lie on one line.</returns>
    public static double Residual(IReadOnlyList<Spot> from, IReadOnlyList<Spot> to)
    {
        if (from.Count != to.Count || from.Count < 5)
        {
            throw new ArgumentException("at least five points, the same in both views", nameof(to));
        }

        var (one, _) = Normalise(from);
        var (two, scale) = Normalise(to);
        if (DirectLinear(one, two) is not { } h)
        {
            return double.PositiveInfinity;
        }

        var best = Error(h, one, two);
        for (var round = 0; round < Rounds; round++)
        {
            if (Step(h, one, two) is not { } better)
            {
                break;
            }

            var error = Error(better, one, two);
            if (!(error < best))
            {
                break;
            }

            (h, best) = (better, error);
        }

        return double.IsFinite(best) ? Math.Sqrt(best / from.Count) / scale : double.PositiveInfinity;
    }

    // Moved to the centre and scaled to a mean distance of √2 from it, without which the equations are ill-conditioned.
    private static (Spot[] Points, double Scale) Normalise(IReadOnlyList<Spot> points)
    {
        var x = points.Average(p => p.X);
        var y = points.Average(p => p.Y);
        var distance = points.Average(p => Math.Sqrt((p.X - x) * (p.X - x) + (p.Y - y) * (p.Y - y)));
        var scale = Math.Sqrt(2) / Math.Max(distance, 1e-9);
        return ([.. points.Select(p => new Spot((p.X - x) * scale, (p.Y - y) * scale))], scale);
    }

    // u = (h0 x + h1 y + h2) / (h6 x + h7 y + 1), v = (h3 x + h4 y + h5) / (h6 x + h7 y + 1)
    private static double[]? DirectLinear(Spot[] from, Spot[] to)
    {
        var normal = new double[Unknowns, Unknowns + 1];
        for (var i = 0; i < from.Length; i++)
        {
            var (x, y) = from[i];
            var (u, v) = to[i];
            Add(normal, [x, y, 1, 0, 0, 0, -u * x, -u * y], u);
            Add(normal, [0, 0, 0, x, y, 1, -v * x, -v * y], v);
        }

        return Solve(normal);
    }

    private static double[]? Step(double[] h, Spot[] from, Spot[] to)
    {
        var normal = new double[Unknowns, Unknowns + 1];
        for (var i = 0; i < from.Length; i++)
        {
            var (x, y) = from[i];
            var w = h[6] * x + h[7] * y + 1;
            var u = (h[0] * x + h[1] * y + h[2]) / w;
            var v = (h[3] * x + h[4] * y + h[5]) / w;
            Add(normal, [x / w, y / w, 1 / w, 0, 0, 0, -u * x / w, -u * y / w], to[i].X - u);
            Add(normal, [0, 0, 0, x / w, y / w, 1 / w, -v * x / w, -v * y / w], to[i].Y - v);
        }

        return Solve(normal) is { } step ? [.. h.Zip(step, (a, b) => a + b)] : null;
    }

    private static double Error(double[] h, Spot[] from, Spot[] to)
    {
        double sum = 0;
        for (var i = 0; i < from.Length; i++)
        {
            var (x, y) = from[i];
            var w = h[6] * x + h[7] * y + 1;
            var du = (h[0] * x + h[1] * y + h[2]) / w - to[i].X;
            var dv = (h[3] * x + h[4] * y + h[5]) / w - to[i].Y;
            sum += du * du + dv * dv;
        }

        return sum;
    }

    // One row of the equations into the normal equations of least squares.
    private static void Add(double[,] normal, ReadOnlySpan<double> row, double right)
    {
        for (var i = 0; i < Unknowns; i++)
        {
            for (var j = 0; j < Unknowns; j++)
            {
                normal[i, j] += row[i] * row[j];
            }

            normal[i, Unknowns] += row[i] * right;
        }
    }

    // Gaussian elimination with partial pivoting; null where the matrix is singular.
    private static double[]? Solve(double[,] m)
    {
        for (var column = 0; column < Unknowns; column++)
        {
            var pivot = Enumerable.Range(column, Unknowns - column).MaxBy(row => Math.Abs(m[row, column]));
            if (!(Math.Abs(m[pivot, column]) > 1e-12))
            {
                return null;
            }

            for (var j = column; j <= Unknowns; j++)
            {
                (m[column, j], m[pivot, j]) = (m[pivot, j], m[column, j]);
            }

            for (var row = column + 1; row < Unknowns; row++)
            {
                var factor = m[row, column] / m[column, column];
                for (var j = column; j <= Unknowns; j++)
                {
                    m[row, j] -= factor * m[column, j];
                }
            }
        }

        var solution = new double[Unknowns];
        for (var row = Unknowns - 1; row >= 0; row--)
        {
            var rest = m[row, Unknowns];
            for (var j = row + 1; j < Unknowns; j++)
            {
                rest -= m[row, j] * solution[j];
            }

            solution[row] = rest / m[row, row];
        }

        return solution;
    }
}
