using System.Diagnostics;
using System.Globalization;
using Florin.Bench;
using Florin.Tests.Biometrics;

namespace Florin.Tests.Compat;

/// <summary>A server as <c>./run</c> starts it, with demo people, samples and jobs, for programs that call it from outside.</summary>
public sealed class ExampleServer : IAsyncLifetime
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "florin-examples-" + Guid.NewGuid().ToString("N"));
    private StandInEngine engine = null!;

    public FlorinApp App { get; } = new() { Port = ServerProcess.FreePort() };

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{App.Port}");

    /// <summary>Two pictures of one person, as files.</summary>
    public string[] Photos { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        engine = await StandInEngine.StartAsync();
        App.Settings["FLORIN_FACE_ENGINE"] = engine.Setting;
        App.Settings["FLORIN_DEMO"] = "true";
        App.Settings["FLORIN_JOBS"] = "true";
        App.Settings["FLORIN_PUBLIC_URL"] = Address;
        await App.InitializeAsync();
        await App.Get<Florin.Biometrics.FaceEngineProcess>().AvailableAsync(TestContext.Current.CancellationToken);
        Directory.CreateDirectory(folder);
        Photos =
        [
            .. Enumerable
                .Range(1, 2)
                .Select(take =>
                {
                    var path = Path.Combine(folder, $"{take}.png");
                    File.WriteAllBytes(path, new ScriptedPicture { Person = "an example", Take = take }.ToPng());
                    return path;
                }),
        ];
    }

    /// <summary>Runs one of <c>docs/examples</c> to its end.</summary>
    /// <returns>Its exit code, and what it printed.</returns>
    public async Task<(int Code, string Output)> RunAsync(string script, params string[] arguments)
    {
        var cancel = TestContext.Current.CancellationToken;
        var path = Path.Combine(Architecture.Sources.Root, "docs", "examples", script);
        var start = new ProcessStartInfo("bash", [path, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FLORIN"] = Address;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancel);
        var output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, output + await errors);
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await engine.DisposeAsync();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
