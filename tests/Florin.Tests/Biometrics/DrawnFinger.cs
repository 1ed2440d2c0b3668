using Florin.Biometrics;

namespace Florin.Tests.Biometrics;

/// <summary>A finger that never was: a number draws its veins, another the circumstances of one picture (shift, turn, light, noise). Both always draw the same.</summary>
internal static class DrawnFinger
{
    private const int Width = 160;
    private const int Height = 80;

    public static VeinImage Picture(int finger, int take)
    {
        var lines = Lines(new Chance((ulong)finger + 1));
        var chance = new Chance(((ulong)finger << 20) + (ulong)take + 99_991);
        var (shiftX, shiftY) = (chance.Between(-9, 9), chance.Between(-5, 5));
        var (sin, cos) = Math.SinCos(chance.Between(-0.035, 0.035));
        var (light, slope, depth) = (chance.Between(0.45, 0.65), chance.Between(-0.2, 0.2), chance.Between(0.10, 0.16));
        var pixels = new float[Width * Height];
        for (var at = 0; at < pixels.Length; at++)
        {
            var (x, y) = ((at % Width) - (Width / 2), (at / Width) - (Height / 2));
            var (u, v) = ((x * cos) - (y * sin) + shiftX, (x * sin) + (y * cos) + shiftY);
            var flesh = light + (slope * x / Width) - (0.25 * Math.Pow(y / (Height / 2.0), 2));
            var vein = lines.Max(line => line.Darkness(u, v));
            pixels[at] = (float)Math.Clamp(flesh - (depth * vein) + (0.02 * chance.Normal()), 0, 1);
        }

        return new VeinImage(Width, Height, pixels);
    }

    // Three or four long veins along the finger and as many that cross between them.
    private static List<Line> Lines(Chance chance)
    {
        var lines = new List<Line>();
        for (var i = 0; i < 7; i++)
        {
            var along = i < 4;
            lines.Add(
                new Line(
                    along,
                    along ? chance.Between(-32, 32) : chance.Between(-70, 70),
                    along ? chance.Between(-0.2, 0.2) : chance.Between(-1.2, 1.2),
                    chance.Between(2, 8),
                    chance.Between(0.03, 0.09),
                    chance.Between(0, 6.28),
                    chance.Between(1.8, 2.8),
                    chance.Between(-40, 10)
                )
            );
        }

        return lines;
    }

    /// <summary>A vein that waves along or across the finger.</summary>
    private sealed record Line(bool Along, double At, double Slope, double Wave, double Frequency, double Phase, double Thickness, double From)
    {
        public double Darkness(double x, double y)
        {
            var (on, off) = Along ? (x, y) : (y, x);
            if (!Along && (on < From || on > From + 40))
            {
                return 0;
            }

            var distance = off - (At + (Slope * on) + (Wave * Math.Sin((Frequency * on) + Phase)));
            return Math.Exp(-distance * distance / (2 * Thickness * Thickness));
        }
    }

    /// <summary>SplitMix64: the same numbers everywhere.</summary>
    private sealed class Chance(ulong seed)
    {
        private ulong state = seed * 0x9E3779B97F4A7C15;

        public double Between(double least, double most) => least + ((most - least) * (Next() >> 11) / (1UL << 53));

        public double Normal() => Enumerable.Range(0, 4).Sum(_ => Between(-1, 1)) * Math.Sqrt(3) / 2;

        private ulong Next()
        {
            state += 0x9E3779B97F4A7C15;
            var z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
