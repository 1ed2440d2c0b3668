namespace Florin.Biometrics;

/// <summary>
/// How well two vein patterns lie on each other: N. Miura, A. Nagasaka, T. Miyatake, "Feature extraction of finger-vein patterns based on repeated line
/// tracking and its application to personal identification", Machine Vision and Applications 15 (2004).
/// </summary>
public static class MiuraMatching
{
    /// <summary>Compares two patterns of one size.</summary>
    /// <param name="template">The enrolled one.</param>
    /// <param name="probe">The one that is shown now; its middle is laid on every place of the template within the shifts.</param>
    /// <param name="shiftX">How far the finger may be shifted along, in pixels.</param>
    /// <param name="shiftY">How far across.</param>
    /// <returns>0 (nothing in common) to 0.5 (the same).</returns>
    /// <exception cref="ArgumentException">The sizes differ, or are too small for the shifts.</exception>
    public static double Score(VeinPattern template, VeinPattern probe, int shiftX = 16, int shiftY = 12)
    {
        var (width, height) = (template.Width, template.Height);
        if (probe.Width != width || probe.Height != height || width <= 2 * shiftX || height <= 2 * shiftY)
        {
            throw new ArgumentException("two patterns of one size, larger than the shifts", nameof(probe));
        }

        var middle = new List<int>();
        for (var y = shiftY; y < height - shiftY; y++)
        {
            middle.AddRange(Enumerable.Range((y * width) + shiftX, width - (2 * shiftX)).Where(at => probe.Veins[at]));
        }

        var sums = new Sums(template);
        var (most, under) = (0, 0);
        for (var dy = -shiftY; dy <= shiftY; dy++)
        {
            for (var dx = -shiftX; dx <= shiftX; dx++)
            {
                var offset = (dy * width) + dx;
                var common = middle.Count(at => template.Veins[at + offset]);
                if (common > most)
                {
                    (most, under) = (common, sums.Of(shiftX + dx, shiftY + dy, width - (2 * shiftX), height - (2 * shiftY)));
                }
            }
        }

        return most == 0 ? 0 : most / (double)(middle.Count + under);
    }

    /// <summary>How many pixels of a pattern lie in any rectangle of it.</summary>
    private sealed class Sums
    {
        private readonly int[] below; // of all pixels above and to the left
        private readonly int stride;

        public Sums(VeinPattern pattern)
        {
            stride = pattern.Width + 1;
            below = new int[stride * (pattern.Height + 1)];
            for (var y = 0; y < pattern.Height; y++)
            {
                for (var x = 0; x < pattern.Width; x++)
                {
                    var at = ((y + 1) * stride) + x + 1;
                    below[at] = (pattern.Veins[(y * pattern.Width) + x] ? 1 : 0) + below[at - 1] + below[at - stride] - below[at - stride - 1];
                }
            }
        }

        public int Of(int x, int y, int width, int height) =>
            below[((y + height) * stride) + x + width] - below[(y * stride) + x + width] - below[((y + height) * stride) + x] + below[(y * stride) + x];
    }
}
