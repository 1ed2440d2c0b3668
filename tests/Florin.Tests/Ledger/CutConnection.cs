using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Florin.Tests.Ledger;

/// <summary>A cable between the server and PostgreSQL that a test can cut: a TCP port on one side, PostgreSQL's socket on the other.</summary>
internal sealed class CutConnection : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly NpgsqlConnectionStringBuilder behind;
    private volatile Cut cut = Cut.None;

    public CutConnection(string connectionString)
    {
        behind = new NpgsqlConnectionStringBuilder(connectionString);
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>What to do with the connection that next carries data.</summary>
    public enum Cut
    {
        /// <summary>Carry everything.</summary>
        None,

        /// <summary>Nothing that the client sends arrives.</summary>
        BeforeServer,

        /// <summary>What the client sends arrives and is carried out; the answer is lost.</summary>
        BeforeAnswer,
    }

    public string ConnectionString =>
        new NpgsqlConnectionStringBuilder(behind.ConnectionString) { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port }.ConnectionString;

    /// <summary>How often the cable was cut.</summary>
    public int Cuts { get; private set; }

    public void Next(Cut how) => cut = how;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = CarryAsync(client);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (client)
        {
            try
            {
                await server.ConnectAsync(new UnixDomainSocketEndPoint($"{behind.Host}/.s.PGSQL.{behind.Port}"), stop.Token);
                await Task.WhenAny(UpAsync(client.Client, server), DownAsync(server, client.Client));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The cable is down.
            }
        }
    }

    private async Task UpAsync(Socket client, Socket server)
    {
        var buffer = new byte[65536];
        while (await client.ReceiveAsync(buffer, stop.Token) is > 0 and var length)
        {
            if (cut == Cut.BeforeServer)
            {
                cut = Cut.None;
                Cuts++;
                return;
            }

            await server.SendAsync(buffer.AsMemory(0, length), stop.Token);
        }
    }

    private async Task DownAsync(Socket server, Socket client)
    {
        var buffer = new byte[65536];
        while (await server.ReceiveAsync(buffer, stop.Token) is > 0 and var length)
        {
            if (cut == Cut.BeforeAnswer)
            {
                // The command tag shows that the server has committed.
                if (Encoding.ASCII.GetString(buffer, 0, length).Contains("COMMIT", StringComparison.Ordinal))
                {
                    cut = Cut.None;
                    Cuts++;
                    return;
                }

                continue;
            }

            await client.SendAsync(buffer.AsMemory(0, length), stop.Token);
        }
    }
}
