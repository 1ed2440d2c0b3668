using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Florin.Tests.Stories;

/// <summary>A durable PostgreSQL of the test's own, made by <c>scripts/pg</c> as <c>./run</c> does, which the test may kill.</summary>
internal sealed class PrivateCluster : IAsyncDisposable
{
    // Under /var/tmp: the cluster's user must be able to reach it.
    private readonly string folder = $"/var/tmp/florin-test-{Guid.NewGuid():N}";

    private PrivateCluster() { }

    /// <summary>Settings for a server on it.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    public static async Task<PrivateCluster> StartAsync()
    {
        var cluster = new PrivateCluster();
        Directory.CreateDirectory(cluster.folder);
        foreach (var line in (await cluster.ScriptAsync("start")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            cluster.Settings[line[..equals]] = line[(equals + 1)..].Trim('\'');
        }

        cluster.Settings["FLORIN_DATA"] = Path.Combine(cluster.folder, "data");
        return cluster;
    }

    /// <summary>SIGKILL to PostgreSQL, and a new start.</summary>
    public async Task KillAsync()
    {
        var pid = int.Parse((await File.ReadAllLinesAsync(Path.Combine(folder, "pg", "postmaster.pid")))[0], System.Globalization.CultureInfo.InvariantCulture);
        using var postmaster = Process.GetProcessById(pid);
        postmaster.Kill();
        await postmaster.WaitForExitAsync(); // while it dies it looks alive
        await ScriptAsync("start");
    }

    public async ValueTask DisposeAsync()
    {
        await ScriptAsync("wipe");
        Directory.Delete(folder, recursive: true);
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    private async Task<string> ScriptAsync(string command)
    {
        var start = new ProcessStartInfo(Path.Combine(Root(), "scripts", "pg"), [command, folder])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var script = Process.Start(start)!;
        var errors = script.StandardError.ReadToEndAsync();
        var output = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        return script.ExitCode == 0 ? output : throw new InvalidOperationException($"scripts/pg {command}: {await errors}");
    }
}
