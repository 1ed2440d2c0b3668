using System.Diagnostics;
using System.Globalization;
using Florin.Bench;
using Florin.Biometrics;
using Florin.Platform;
using Microsoft.Extensions.Configuration;

namespace Florin.Tests.Biometrics;

/// <summary>Finger veins on drawn fingers: this shows that the code does what the papers say, and nothing about people.</summary>
public sealed class FingerVeinTests(ITestOutputHelper output)
{
    private const int Fingers = 30;
    private const int Takes = 4;

    [Fact]
    public void Pictures_of_one_drawn_finger_match_and_of_two_do_not()
    {
        var begun = Stopwatch.GetTimestamp();
        var patterns = Enumerable
            .Range(0, Fingers * Takes)
            .AsParallel()
            .AsOrdered()
            .Select(i => (Finger: i / Takes, Pattern: MaximumCurvature.Extract(DrawnFinger.Picture(i / Takes, i % Takes))))
            .ToList();
        var extracted = Stopwatch.GetElapsedTime(begun);
        var errors = new FaceErrors();
        foreach (
            var (same, score) in Pairs(patterns)
                .AsParallel()
                .Select(pair => (pair.A.Finger == pair.B.Finger, MiuraMatching.Score(pair.A.Pattern, pair.B.Pattern)))
        )
        {
            errors.Add(same, score);
        }

        var rate = 100 * errors.EqualErrorRate();
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"equal error rate {rate:0.00} % of {errors.Genuine} genuine and {errors.Impostor} impostor pairs; {patterns.Count} pictures in {extracted.TotalSeconds:0.0} s"
            )
        );
        Assert.Equal(Fingers * Takes * (Takes - 1) / 2, errors.Genuine);
        Assert.InRange(rate, 0, 2);
    }

    [Fact]
    public void A_straight_dark_line_is_a_vein_and_an_even_finger_has_none()
    {
        float[] light = [.. Enumerable.Range(0, 64 * 64).Select(i => (float)(0.6 - (0.2 * Math.Exp(-Math.Pow((i / 64) - 32, 2) / 8))))];
        var pattern = MaximumCurvature.Extract(new VeinImage(64, 64, light));
        var rows = pattern.Veins.Select((vein, i) => (vein, Row: i / 64)).Where(pixel => pixel.vein).Select(pixel => pixel.Row).Distinct();
        Assert.All(rows, row => Assert.InRange(row, 30, 34));
        Assert.True(pattern.Veins.Skip(32 * 64).Take(64).Count(vein => vein) > 40);
        Assert.InRange(MiuraMatching.Score(pattern, pattern), 0.49, 0.5);

        var even = MaximumCurvature.Extract(new VeinImage(64, 64, [.. Enumerable.Repeat(0.5f, 64 * 64)]));
        Assert.Equal(0, MiuraMatching.Score(even, pattern));
    }

    [Fact]
    public void The_demonstration_is_off_unless_it_is_switched_on()
    {
        var picture = DrawnFinger.Picture(1, 1);
        var off = new FingerVeins(new Settings(new ConfigurationBuilder().Build()));
        Assert.Equal("vein_demo_off", Assert.Throws<Refusal>(() => off.Compare(picture, picture)).Reason.Code);
        var on = new FingerVeins(new Settings(new ConfigurationBuilder().AddInMemoryCollection([new("FLORIN_VEIN_DEMO", "on")]).Build()));
        Assert.True(on.Compare(picture, DrawnFinger.Picture(1, 2)) > on.Compare(picture, DrawnFinger.Picture(2, 1)));
    }

    [Theory]
    [InlineData(10, 64)]
    [InlineData(64, 2000)]
    public void Pictures_out_of_bounds_are_declined(int width, int height) =>
        Assert.Throws<ArgumentException>(() => new VeinImage(width, height, new float[width * height]));

    private static IEnumerable<((int Finger, VeinPattern Pattern) A, (int Finger, VeinPattern Pattern) B)> Pairs(
        List<(int Finger, VeinPattern Pattern)> patterns
    )
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            for (var j = i + 1; j < patterns.Count; j++)
            {
                // All of one finger; of two only the first pictures.
                if (patterns[i].Finger == patterns[j].Finger || (i % Takes == 0 && j % Takes == 0))
                {
                    yield return (patterns[i], patterns[j]);
                }
            }
        }
    }
}
