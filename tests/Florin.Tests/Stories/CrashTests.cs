using Florin.Bench;

namespace Florin.Tests.Stories;

/// <summary>R1 and R2, small: a real server is killed at every named point of a commit, and its PostgreSQL under it, with load over HTTP. The long one is <c>./bench/run crash</c>.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_when_the_server_or_its_database_is_killed()
    {
        await using var cluster = await PrivateCluster.StartAsync();
        var settings = cluster.Settings;
        settings["FLORIN_RATE_LIMITS"] = "off";
        settings["FLORIN_PASSWORD_ITERATIONS"] = "1000";
        var port = ServerProcess.FreePort();
        await using var server = new RestartedServer(port, settings);
        await server.StartAsync();
        var load = new CrashLoad(server.Address, await Customers.SignUpAsync(server.Address, 20, "USD", "1000.00"));
        load.Start(callers: 8);
        await load.MakeProgressAsync(10);
        foreach (var point in new[] { "locked:9", "judged:6", "rowschanged:8", "committing:7", "committed:6" })
        {
            await server.StartAsync(point);
            await server.ExitedAsync();
        }

        await server.StartAsync();
        for (var kill = 0; kill < 5; kill++)
        {
            await load.MakeProgressAsync(10);
            await cluster.KillAsync();
        }

        await load.MakeProgressAsync(10);
        await load.StopAsync();
        Assert.Equal((0, 0), await load.CompareWithBookAsync(settings["FLORIN_DATABASE_OWNER"]));
        Assert.True(load.Retried > 0, "no transfer had to be sent twice: nothing was tested");
        Assert.Equal(0, (await FlorinCommand.RunAsync("verify", settings)).ExitCode);
    }

    /// <summary>One server after another on one port, with nothing left running at the end.</summary>
    private sealed class RestartedServer(int port, IReadOnlyDictionary<string, string> settings) : IAsyncDisposable
    {
        private ServerProcess? running;

        public Uri Address => running!.Address;

        public async Task StartAsync(string? crashAt = null)
        {
            await DisposeAsync();
            var more = new Dictionary<string, string>(settings, StringComparer.Ordinal) { ["FLORIN_CRASH_AT"] = crashAt ?? "" };
            running = await ServerProcess.StartAsync(port, more);
        }

        public Task ExitedAsync() => running!.ExitedAsync();

        public async ValueTask DisposeAsync()
        {
            if (running is { } old)
            {
                running = null;
                await old.DisposeAsync();
            }
        }
    }
}
