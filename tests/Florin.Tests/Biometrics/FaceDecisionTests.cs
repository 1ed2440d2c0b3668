using Florin.Biometrics;

namespace Florin.Tests.Biometrics;

public sealed class FaceDecisionTests
{
    private static readonly FaceThresholds Shipped = FaceThresholds.Parse(FaceThresholds.Measured);

    [Fact]
    public void Views_of_a_plane_are_images_of_each_other_and_views_of_a_head_are_not()
    {
        foreach (var yaw in new[] { 12.0, -16, 20, 25, -30 })
        {
            var front = Face(0);
            Assert.InRange(FaceRelief.Between(Face(yaw), front), FaceDecision.LeastRelief, 1);
            Assert.InRange(FaceRelief.Between(Face(yaw, flat: true), front), 0, 0.001); // rounded to a hundredth of a pixel
        }
    }

    [Fact]
    public void A_homography_is_found_whatever_it_is_and_noise_is_told_from_it()
    {
        // A linear congruential generator: the same numbers in every run.
        var state = 12345u;
        double Next() => ((state = (state * 1664525) + 1013904223) >> 8) / (double)(1 << 24);
        for (var round = 0; round < 200; round++)
        {
            double[] h = [0.7 + Next(), Next() - 0.5, 100 * Next(), Next() - 0.5, 0.7 + Next(), 100 * Next(), 0.001 * Next(), 0.001 * Next()];
            Spot[] from = [.. Enumerable.Range(0, 30).Select(_ => new Spot(200 * Next(), 200 * Next()))];
            Spot[] to =
            [
                .. from.Select(p =>
                {
                    var w = (h[6] * p.X) + (h[7] * p.Y) + 1;
                    return new Spot(((h[0] * p.X) + (h[1] * p.Y) + h[2]) / w, ((h[3] * p.X) + (h[4] * p.Y) + h[5]) / w);
                }),
            ];
            Assert.InRange(Homography.Residual(from, to), 0, 1e-6);
            Spot[] shaken = [.. to.Select(p => new Spot(p.X + (4 * (Next() - 0.5)), p.Y + (4 * (Next() - 0.5))))];
            Assert.InRange(Homography.Residual(from, shaken), 0.7, 2); // of noise with a standard deviation of 1.63 over both axes
        }

        Spot[] line = [.. Enumerable.Range(0, 10).Select(i => new Spot(i, i))];
        Assert.False(Homography.Residual(line, line) > 1e-6 && Homography.Residual(line, line) < double.PositiveInfinity);
    }

    [Fact]
    public void What_cannot_be_measured_counts_as_flat()
    {
        Assert.Equal(0, FaceRelief.Between(Face(20) with { Points = [] }, Face(0)));
        Assert.Equal(0, FaceRelief.Between(Face(20), Face(0) with { Points = [.. Face(0).Points.Where(point => point.Id is not 33)] }));
        var same = Face(0).Points.Select(point => point with { X = 1, Y = 1 }).ToList();
        Assert.Equal(0, FaceRelief.Between(Face(20), Face(0) with { Points = same }));
    }

    [Fact]
    public void Orders_of_turns_begin_straight_turn_both_ways_and_never_repeat_a_step()
    {
        Assert.Equal(14, HeadTurns.Possible.Count);
        Assert.All(
            HeadTurns.Possible,
            order =>
            {
                Assert.Equal(HeadTurn.Front, order[0]);
                Assert.Equal(2, order.Count(step => step is HeadTurn.Front));
                Assert.Contains(HeadTurn.Left, order);
                Assert.Contains(HeadTurn.Right, order);
                Assert.All(order.Zip(order.Skip(1)), pair => Assert.NotEqual(pair.First, pair.Second));
                Assert.Equal(order, HeadTurns.Read(HeadTurns.Show(order)));
            }
        );
        var seeded = 7;
        var drawn = new HeadTurns(most => seeded++ % most);
        Assert.Equal(HeadTurns.Possible[7], drawn.Draw());
        Assert.Equal(
            HeadTurns.Possible.Count,
            Enumerable.Range(0, 1000).Select(_ => HeadTurns.Show(new HeadTurns().Draw())).Distinct(StringComparer.Ordinal).Count()
        );
    }

    [Theory]
    [InlineData(1, 1, 0.945)]
    [InlineData(3, 2, 0.96)]
    [InlineData(2, 1, 0.96)]
    [InlineData(1, 2, 0.96)]
    [InlineData(5, 2, 0.96)]
    [InlineData(5, 5, 0.96)]
    public void A_threshold_that_was_not_measured_is_not_lower_than_one_that_was(int photos, int frames, double least) =>
        Assert.Equal(least, Shipped.Of(photos, frames));

    [Theory]
    [InlineData("")]
    [InlineData("1+1")]
    [InlineData("1+1=0.5")]
    [InlineData("1+1=1")]
    [InlineData("0+1=0.95")]
    [InlineData("1+1=NaN")]
    public void Thresholds_that_accept_anybody_are_not_taken(string text) => Assert.Throws<FormatException>(() => FaceThresholds.Parse(text));

    [Fact]
    public void Every_order_passes_for_the_payer_and_for_nobody_else()
    {
        foreach (var order in HeadTurns.Possible)
        {
            Assert.Null(Decide(order, step => Seen("anna", step)).Refusal);
            Assert.Equal(BiometricsRefusals.Mismatch, Decide(order, step => Seen("berta", step)).Refusal);
            Assert.Equal(BiometricsRefusals.Flat, Decide(order, step => Seen("anna", step) with { Flat = true }).Refusal);
            Assert.Equal(BiometricsRefusals.TurnedWrongWay, Decide(order, step => Seen("anna", Other(step))).Refusal);
            foreach (var asked in HeadTurns.Possible.Where(asked => asked != order && asked.Count == order.Count))
            {
                // A film of another order.
                var at = 0;
                Assert.Equal(BiometricsRefusals.TurnedWrongWay, Decide(asked, _ => Seen("anna", order[at++])).Refusal);
            }
        }
    }

    [Fact]
    public void Numbers_that_are_none_accept_nobody()
    {
        var nothing = new float[128];
        Assert.Equal(-1, FaceVectors.Cosine(nothing, nothing));
        var broken = Enumerable.Repeat(float.NaN, 128).ToArray();
        Assert.Equal(-1, FaceVectors.Cosine(broken, broken));
        var one = Described(new ScriptedPicture { Person = "anna" });
        var blank = one with { Faces = [one.Faces[0] with { Embedding = broken }] };
        Assert.NotNull(FaceDecision.OfSingle(Template(), blank, Shipped).Refusal);
        var away = one with { Faces = [one.Faces[0] with { Pose = new FacePose(double.NaN, 0, 0) }] };
        var order = HeadTurns.Possible[0];
        Assert.NotNull(FaceDecision.OfChallenge(Template(), order, [.. order.Select(_ => away)], Shipped).Refusal);
    }

    private static HeadTurn Other(HeadTurn step) =>
        step switch
        {
            HeadTurn.Left => HeadTurn.Right,
            HeadTurn.Right => HeadTurn.Left,
            _ => step,
        };

    private static FaceVerdict Decide(IReadOnlyList<HeadTurn> order, Func<HeadTurn, ScriptedPicture> seen) =>
        FaceDecision.OfChallenge(Template(), order, [.. order.Select((step, i) => Described(seen(step) with { Take = 100 + i }))], Shipped);

    private static ScriptedPicture Seen(string person, HeadTurn step) =>
        new()
        {
            Person = person,
            Yaw = step switch
            {
                HeadTurn.Left => 18,
                HeadTurn.Right => -18,
                _ => 0,
            },
        };

    private static FaceTemplate Template() =>
        new(
            FaceVectors.Average([.. Enumerable.Range(0, 3).Select(i => StandInEngine.Vector(new ScriptedPicture { Person = "anna", Take = i }))]),
            3,
            "stand-in/1"
        );

    private static DescribedFace Face(double yaw, bool flat = false) => Described(new ScriptedPicture { Yaw = yaw, Flat = flat }).Faces[0];

    private static FaceDescription Described(ScriptedPicture picture) => StandInEngine.Seen(picture);
}
