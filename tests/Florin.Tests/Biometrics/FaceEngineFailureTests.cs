using Florin.Biometrics;

namespace Florin.Tests.Biometrics;

/// <summary>What the server makes of an engine that is slow, busy, broken, false or away: never a description. The engine is the stand-in.</summary>
public sealed class FaceEngineFailureTests
{
    private static readonly byte[] Anna = new ScriptedPicture().ToPng();

    [Fact]
    public async Task What_the_engine_says_comes_out_and_what_it_declines_is_refused()
    {
        await using var engine = await StandInEngine.StartAsync();
        await using var rig = await EngineRig.StartAsync(engine.Setting);
        await rig.AvailableAsync();
        var (_, seen) = await rig.TryAsync(new ScriptedPicture { Yaw = 20, Faces = 2 }.ToPng());
        Assert.Equal(2, seen!.FaceCount);
        Assert.Equal(20, seen.Faces[0].Pose.Yaw);
        Assert.Equal("stand-in/1", rig.Engine.ModelId);
        var codes = new Dictionary<int, string>
        {
            [413] = "face_image_too_large",
            [415] = "face_image_type",
            [422] = "bad_image",
            [429] = "face_busy",
            [503] = "face_unavailable",
            [500] = "face_unavailable",
            [302] = "face_unavailable",
        };
        foreach (var (status, code) in codes)
        {
            Assert.Equal(code, (await rig.TryAsync(new ScriptedPicture { Status = status }.ToPng())).Code);
            Assert.Null((await rig.TryAsync(Anna)).Code); // the third fault in a row would end it
        }

        Assert.Equal("face_unavailable", (await rig.TryAsync(new ScriptedPicture { Crash = true }.ToPng())).Code);
        Assert.Null((await rig.TryAsync(Anna)).Code);
    }

    [Fact]
    public async Task Strangers_and_takes_are_as_far_apart_as_the_script_says()
    {
        await using var engine = await StandInEngine.StartAsync();
        await using var rig = await EngineRig.StartAsync(engine.Setting);
        await rig.AvailableAsync();
        var anna = StandInEngine.Vector(new ScriptedPicture());
        Assert.InRange(Cosine(anna, StandInEngine.Vector(new ScriptedPicture { Take = 1 })), 0.965, 0.9995);
        Assert.InRange(Cosine(anna, StandInEngine.Vector(new ScriptedPicture { Person = "bob" })), 0.6, 0.9);
        var (_, seen) = await rig.TryAsync(Anna);
        Assert.Equal(anna, seen!.Faces[0].Embedding);
    }

    [Fact]
    public async Task A_full_queue_is_busy_and_loses_nobody_who_was_let_in()
    {
        await using var engine = await StandInEngine.StartAsync();
        await using var rig = await EngineRig.StartAsync(engine.Setting, settings => settings with { Waiting = 3 });
        await rig.AvailableAsync();
        var slow = new ScriptedPicture { DelayMs = 200 }.ToPng();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => rig.TryAsync(slow)));
        Assert.Equal(3, answers.Count(answer => answer.Code is null));
        Assert.Equal(7, answers.Count(answer => answer.Code is "face_busy"));
        Assert.Equal(3, engine.Described);
        Assert.Null((await rig.TryAsync(Anna)).Code);
    }

    [Fact]
    public async Task Checks_of_photos_wait_at_two_places_and_leave_the_others_to_tills()
    {
        await using var engine = await StandInEngine.StartAsync();
        await using var rig = await EngineRig.StartAsync(engine.Setting);
        await rig.AvailableAsync();
        var slow = new ScriptedPicture { DelayMs = 50 }.ToPng();
        var checks = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => rig.TryAsync(slow, FacePurpose.Check)));
        var tills = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => rig.TryAsync(slow)));
        Assert.Equal(6, (await checks).Count(answer => answer.Code is "face_busy"));
        Assert.All(tills, answer => Assert.Null(answer.Code));
        Assert.Null((await rig.TryAsync(Anna, FacePurpose.Check)).Code);
    }

    [Fact]
    public async Task An_engine_that_is_too_slow_is_left_and_found_again()
    {
        await using var engine = await StandInEngine.StartAsync();
        await using var rig = await EngineRig.StartAsync(engine.Setting, settings => settings with { PictureTime = TimeSpan.FromMilliseconds(300) });
        await rig.AvailableAsync();
        var first = rig.Process.Current!;
        Assert.Equal("face_unavailable", (await rig.TryAsync(new ScriptedPicture { DelayMs = 10_000 }.ToPng())).Code);
        Assert.Equal("timeout", await first.Ended);
        await FoundAgainAsync(rig);
    }

    [Fact]
    public async Task An_engine_that_is_away_is_refused_and_found_again_when_it_is_back()
    {
        await using var engine = await StandInEngine.StartAsync();
        await using var rig = await EngineRig.StartAsync(engine.Setting);
        await rig.AvailableAsync();
        var first = rig.Process.Current!;
        engine.Away = true;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("face_unavailable", (await rig.TryAsync(Anna)).Code);
        }

        Assert.Equal("faults", await first.Ended);
        engine.Away = false;
        await FoundAgainAsync(rig);
    }

    [Fact]
    public async Task An_answer_of_another_model_is_not_believed()
    {
        await using var engine = await StandInEngine.StartAsync();
        await using var rig = await EngineRig.StartAsync(engine.Setting);
        await rig.AvailableAsync();
        engine.ModelId = "stand-in/2"; // replaced behind the server's back
        Assert.Equal("face_unavailable", (await rig.TryAsync(Anna)).Code);
    }

    [Theory]
    [InlineData("off")]
    [InlineData("/nowhere")]
    public async Task Without_an_engine_every_picture_is_refused_at_once(string setting)
    {
        await using var rig = await EngineRig.StartAsync(setting);
        Assert.False(rig.Engine.IsAvailable);
        Assert.Null(rig.Engine.ModelId);
        Assert.Equal("face_unavailable", (await rig.TryAsync(Anna)).Code);
    }

    [Fact]
    public void Pauses_grow_with_failures_and_are_forgotten_after_ten_good_seconds()
    {
        var clock = new Stopped();
        var breaker = new FaceEngineBreaker(clock);
        Assert.Equal(TimeSpan.Zero, breaker.Pause);
        var pauses = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            breaker.Begin();
            breaker.Fail(served: true);
            pauses.Add(breaker.Pause.TotalSeconds);
        }

        Assert.Equal([0, 0, 0, 0.25, 0.5, 1, 2, 4, 8, 16, 30, 30], pauses);
        breaker.Begin();
        clock.Seconds = 11;
        breaker.Fail(served: true);
        Assert.Equal(TimeSpan.Zero, breaker.Pause);
    }

    private static async Task FoundAgainAsync(EngineRig rig)
    {
        await rig.AvailableAsync();
        while ((await rig.TryAsync(Anna)).Code is not null)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class Stopped : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }

    private static double Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
