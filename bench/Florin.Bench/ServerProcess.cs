using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Florin.Bench;

/// <summary>A real server in a process of its own, which can be killed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;

    private ServerProcess(Process process, Uri address)
    {
        this.process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>From the start of the process to its first answer.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>Its process.</summary>
    public int Id => process.Id;

    public bool Exited => process.HasExited;

    public double ResidentMegabytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1024.0 / 1024.0;
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts it and waits for its first answer.</summary>
    /// <param name="port">Where it listens on loopback.</param>
    /// <param name="environment">Its settings, besides this process's environment.</param>
    /// <exception cref="InvalidOperationException">It ended, or does not answer within a minute.</exception>
    public static async Task<ServerProcess> StartAsync(int port, IReadOnlyDictionary<string, string> environment)
    {
        var clock = Stopwatch.StartNew();
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Florin.dll"), "serve"]) { UseShellExecute = false };
        start.Environment["FLORIN_URL"] = address.ToString().TrimEnd('/');
        start.Environment["FLORIN_LOG_LEVEL"] = "Critical";
        start.Environment["DOTNET_GCgen0size"] = "0xC00000"; // as ./run does
        start.Environment["FLORIN_FACE_ENGINE"] = "off"; // a process of its own, which would be measured with it
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(Process.Start(start)!, address);
        using var http = new HttpClient { BaseAddress = address };
        while (true)
        {
            try
            {
                if ((await http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode)
                {
                    server.StartTime = clock.Elapsed;
                    return server;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            if (server.Exited || clock.Elapsed > TimeSpan.FromMinutes(1))
            {
                await server.DisposeAsync();
                throw new InvalidOperationException("the server did not start");
            }

            await Task.Delay(10);
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public Task ExitedAsync() => process.WaitForExitAsync();

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }
}
