using System.Diagnostics;
using Florin.Biometrics;
using Florin.Tests.Architecture;

namespace Florin.Tests.Biometrics;

/// <summary>The real engine, as <c>./test</c> installs it: where it is missing these fail. Its pictures are of a face drawn by formulas.</summary>
public sealed class FaceEngineTests(FaceEngineTests.Running running) : IClassFixture<FaceEngineTests.Running>
{
    private const string OneFace = "1 face";

    [Fact]
    public async Task Whole_pictures_are_described_and_all_else_is_refused_while_the_engine_lives_on()
    {
        var expected = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["face.png"] = OneFace,
            ["face.jpg"] = OneFace,
            ["face-on-its-side-by-exif.jpg"] = OneFace,
            ["face-progressive.jpg"] = OneFace,
            ["face-cmyk.jpg"] = OneFace,
            ["face-16-bit.png"] = OneFace,
            ["face-with-alpha.png"] = OneFace,
            ["face-grey.png"] = OneFace,
            ["face-small.png"] = OneFace + ": too_small",
            ["face-dark.png"] = OneFace + ": too_dark blurred",
            ["face-and-a-script.jpg"] = OneFace, // what stands behind a JPEG is not looked at
            ["faces-two.png"] = "2 faces",
            ["nothing.png"] = "0 faces",
            ["noise.png"] = "0 faces",
            ["one-pixel.png"] = "0 faces",
            ["thread.png"] = "0 faces",
            ["cut-short.jpg"] = "bad_image",
            ["cut-short.png"] = "bad_image",
            ["header-only.jpg"] = "bad_image",
            ["words-as-jpeg.jpg"] = "bad_image",
            ["words-as-png.png"] = "bad_image",
            ["missing-pixels.png"] = "bad_image",
            ["bomb.png"] = "face_image_too_large",
            ["bomb.jpg"] = "face_image_too_large",
            ["drawing.svg"] = "face_image_type",
            ["face.webp"] = "face_image_type",
            ["face.gif"] = "face_image_type",
            ["face.tiff"] = "face_image_type",
            ["words.txt"] = "face_image_type",
        };
        await running.Rig.AvailableAsync();
        var before = running.Rig.Process.Current!.ProcessId;
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in expected.Keys)
        {
            var (code, description) = await running.Rig.TryAsync(await running.PictureAsync(name));
            seen[name] = code ?? Summary(description!);
        }

        Assert.Equal(expected, seen);
        Assert.Equal("bad_image", (await running.Rig.TryAsync([])).Code);
        Assert.Equal("face_image_too_large", (await running.Rig.TryAsync(new byte[9 * 1024 * 1024])).Code);
        Assert.Equal(before, running.Rig.Process.Current!.ProcessId);
    }

    [Fact]
    public async Task A_face_is_the_same_in_every_kind_of_picture_and_lies_where_it_lies()
    {
        await running.Rig.AvailableAsync();
        var png = await FaceAsync("face.png");
        foreach (var name in new[] { "face.jpg", "face-grey.png", "face-16-bit.png", "face-on-its-side-by-exif.jpg" })
        {
            var other = await FaceAsync(name);
            Assert.True(png.Embedding.Zip(other.Embedding, (a, b) => a * b).Sum() > 0.98, name);
        }

        Assert.Equal(128, png.Embedding.Count);
        Assert.InRange(png.Embedding.Sum(x => x * x), 0.999, 1.001);
        Assert.InRange(png.Pose.Yaw, -3, 3);
        Assert.InRange(png.Pose.Roll, -2, 2);
        Assert.Equal(0.5, (png.Box.X + (png.Box.Width / 2)) / 400, 0.03);
        Assert.Equal(71, png.Points.Count);
        var eyes = png.Points.Where(point => point.Id is 133 or 362).OrderBy(point => point.X).ToList();
        Assert.InRange(eyes[0].X, 170, 190); // drawn at 0.4 and 0.6 of 400 pixels, these are their inner corners
        Assert.InRange(eyes[1].X, 210, 230);
        Assert.All(eyes, eye => Assert.InRange(eye.Y, 165, 190));
        Assert.False(png.Spoof?.Trusted);
        Assert.NotNull(running.Rig.Engine.ModelId);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task The_socket_is_the_servers_alone()
    {
        await running.Rig.AvailableAsync();
        var folder = Assert.Single(Directory.GetDirectories(Path.Combine(running.Rig.Data, "face")));
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(owner | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Assert.Equal(owner, File.GetUnixFileMode(Path.Combine(folder, "s")));
        var environment = await File.ReadAllTextAsync($"/proc/{running.Rig.Process.Current!.ProcessId}/environ", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("FLORIN", environment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_engine_and_one_that_hangs_are_refused_meanwhile_and_replaced()
    {
        await using var rig = await EngineRig.StartAsync(change: settings => settings with { PictureTime = TimeSpan.FromSeconds(5) });
        await rig.AvailableAsync();
        var picture = await running.PictureAsync("face.jpg");
        var first = rig.Process.Current!;
        using (var process = Process.GetProcessById(first.ProcessId!.Value))
        {
            process.Kill();
        }

        Assert.Equal("face_unavailable", (await rig.TryAsync(picture)).Code);
        await first.Ended.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        await rig.AvailableAsync();
        var second = rig.Process.Current!;
        Assert.NotEqual(first.ProcessId, second.ProcessId);
        Assert.Null((await rig.TryAsync(picture)).Code);

        await StopAsync(second.ProcessId!.Value); // as if it looked at a picture for ever
        Assert.Equal("face_unavailable", (await rig.TryAsync(picture)).Code);
        Assert.Equal("timeout", await second.Ended.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken));
        await rig.AvailableAsync();
        Assert.Null((await rig.TryAsync(picture)).Code);
    }

    [Fact]
    public async Task A_tired_engine_is_replaced_without_a_refusal_and_the_last_one_ends_with_the_server()
    {
        var rig = await EngineRig.StartAsync(change: settings => settings with { PicturesPerProcess = 2, PictureTime = Unhurried });
        await using (rig)
        {
            await rig.AvailableAsync();
            var picture = await running.PictureAsync("face-small.png");
            using var first = Process.GetProcessById(rig.Process.Current!.ProcessId!.Value);
            Assert.Null((await rig.TryAsync(picture)).Code);
            while (!first.HasExited)
            {
                Assert.Null((await rig.TryAsync(picture)).Code);
            }
        }

        Assert.Null(rig.Process.Current);
        Assert.DoesNotContain(Process.GetProcessesByName("node"), process => RunsIn(process, rig.Data));
    }

    // What takes its time on a busy machine is no fault of the engine's.
    private static TimeSpan Unhurried => TimeSpan.FromMinutes(1);

    private static bool RunsIn(Process process, string data) =>
        File.Exists($"/proc/{process.Id}/cmdline") && File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(data, StringComparison.Ordinal);

    private static string Summary(FaceDescription seen) =>
        $"{seen.FaceCount} face{(seen.FaceCount == 1 ? "" : "s")}"
        + (seen.Faces.Any(face => !face.Quality.Ok) ? ": " + string.Join(' ', seen.Faces.SelectMany(face => face.Quality.Reasons)) : "");

    private async Task<DescribedFace> FaceAsync(string name)
    {
        var (code, seen) = await running.Rig.TryAsync(await running.PictureAsync(name));
        Assert.Null(code);
        return Assert.Single(seen!.Faces);
    }

    private static async Task StopAsync(int process)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -STOP {process}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>One engine and the pictures for all of these tests.</summary>
    public sealed class Running : IAsyncLifetime
    {
        private readonly string pictures = Directory.CreateTempSubdirectory("florin-pictures-").FullName;

        internal EngineRig Rig { get; private set; } = null!;

        public Task<byte[]> PictureAsync(string name) => File.ReadAllBytesAsync(Path.Combine(pictures, name));

        public async ValueTask InitializeAsync()
        {
            Rig = await EngineRig.StartAsync(change: settings => settings with { PictureTime = Unhurried });
            var script = Path.Combine(Sources.Root, "tests", "Florin.Tests", "Biometrics", "odd-pictures.mjs");
            using var drawing = Process.Start("node", [script, Path.Combine(Sources.Root, "engines", "face"), pictures]);
            await drawing.WaitForExitAsync();
            Assert.Equal(0, drawing.ExitCode);
        }

        public async ValueTask DisposeAsync()
        {
            await Rig.DisposeAsync();
            Directory.Delete(pictures, recursive: true);
        }
    }
}
