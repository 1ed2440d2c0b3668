using System.Net.Sockets;
using System.Text;

namespace Florin.Tests.Routes;

/// <summary>A request byte for byte, as no client library would send it.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The request target as it goes out.</param>
/// <param name="Headers">Whole lines, without line ends, in Latin-1.</param>
/// <param name="Body">Its bytes; null for none.</param>
internal sealed record RawRequest(string Method, string Target, IReadOnlyList<string> Headers, byte[]? Body)
{
    /// <summary>Whether no route may take it: a field that is missing, unknown, repeated, or no amount.</summary>
    public bool MustFail { get; init; }

    /// <summary>For a person who reads a failed test.</summary>
    public override string ToString() => Cut($"{Method} {Target}\n{string.Join('\n', Headers)}\n\n{(Body is null ? "" : Encoding.UTF8.GetString(Body))}", 900);

    private static string Cut(string text, int length) => text.Length <= length ? text : $"{text[..length]} … ({text.Length} characters)";
}

/// <summary>What came back.</summary>
/// <param name="Status">0 where the connection was closed without an answer.</param>
/// <param name="Headers">By name.</param>
/// <param name="Body">As text.</param>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string ContentType => Headers.GetValueOrDefault("Content-Type", "");
}

/// <summary>One request on one connection.</summary>
internal static class RawHttp
{
    public static async Task<RawAnswer> SendAsync(Uri server, RawRequest request, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        using var connection = new TcpClient { NoDelay = true };
        await connection.ConnectAsync(server.Host, server.Port, limit.Token);
        await using var stream = connection.GetStream();
        var bytes = new MemoryStream();
        try
        {
            var head = $"{request.Method} {request.Target} HTTP/1.1\r\n{string.Concat(request.Headers.Select(line => line + "\r\n"))}Connection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.Latin1.GetBytes(head), limit.Token);
            await stream.WriteAsync(request.Body ?? [], limit.Token);
            var buffer = new byte[16 * 1024];
            for (int read; (read = await stream.ReadAsync(buffer, limit.Token)) > 0; )
            {
                bytes.Write(buffer, 0, read);
                if (Read(bytes).ContentType.StartsWith("text/event-stream", StringComparison.Ordinal))
                {
                    break; // never ends
                }
            }
        }
        catch (IOException)
        {
            // Refused before all of it was sent; what was answered is there.
        }

        return Read(bytes);
    }

    private static RawAnswer Read(MemoryStream bytes)
    {
        var text = Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return new RawAnswer(0, new Dictionary<string, string>(StringComparer.Ordinal), "");
        }

        var lines = text[..end].Split("\r\n");
        var headers = lines[1..]
            .Select(line => line.Split(": ", 2))
            .GroupBy(line => line[0], line => line[^1], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => string.Join(',', group), StringComparer.OrdinalIgnoreCase);
        var body = text[(end + 4)..];
        return new RawAnswer(int.Parse(lines[0].Split(' ')[1], null), headers, headers.ContainsKey("Transfer-Encoding") ? Unchunk(body) : body);
    }

    // By characters and not by bytes: good enough to look into.
    private static string Unchunk(string body) => string.Concat(body.Split("\r\n").Where((_, i) => i % 2 == 1));
}
