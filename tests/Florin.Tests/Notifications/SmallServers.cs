using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Florin.Tests.Notifications;

/// <summary>A mail server that speaks as much SMTP (RFC 5321) as a client needs, and hands the test what it was given.</summary>
public sealed class SmallMailServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Channel<string> mails = Channel.CreateUnbounded<string>();
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    public SmallMailServer()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The answer to a recipient; 250 accepts.</summary>
    public Func<string> AnswerToRecipient { get; set; } = () => "250 ok";

    /// <summary>How many recipients were named, refused ones included.</summary>
    public int Recipients { get; private set; }

    /// <summary>What the server shows where a client asks for STARTTLS; null for a server that cannot.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Every line that came before the connection was encrypted, or ever where it was not.</summary>
    public ConcurrentQueue<string> InClear { get; } = new();

    /// <summary>Every line that came encrypted, but for the mails themselves.</summary>
    public ConcurrentQueue<string> Encrypted { get; } = new();

    /// <summary>The next mail: envelope, an empty line, headers and body as they came.</summary>
    public async Task<string> NextAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        return await mails.Reader.ReadAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync(stop.Token);
            _ = ConverseAsync(client);
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        using var _ = client;
        await using var plain = client.GetStream();
        await new StreamWriter(plain, Encoding.ASCII) { AutoFlush = true, NewLine = "\r\n" }.WriteLineAsync("220 small");
        if (!await ConverseAsync(plain, InClear, Certificate is null ? "250 small" : "250-small\r\n250 STARTTLS"))
        {
            return;
        }

        await using var encrypted = new SslStream(plain);
        await encrypted.AuthenticateAsServerAsync(Certificate!);
        await ConverseAsync(encrypted, Encrypted, "250-small\r\n250 AUTH LOGIN");
    }

    // True where the client wants to go on encrypted.
    private async Task<bool> ConverseAsync(Stream stream, ConcurrentQueue<string> heard, string greeting)
    {
        var reader = new StreamReader(stream, Encoding.ASCII);
        var writer = new StreamWriter(stream, Encoding.ASCII) { AutoFlush = true, NewLine = "\r\n" };
        var envelope = new StringBuilder();
        while (await reader.ReadLineAsync(stop.Token) is { } line)
        {
            heard.Enqueue(line);
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await writer.WriteLineAsync(greeting);
                    break;
                case "STARTTLS" when Certificate is not null:
                    await writer.WriteLineAsync("220 go on");
                    return true;
                case "AUTH":
                    await writer.WriteLineAsync("334 UGFzc3dvcmQ6");
                    heard.Enqueue(await reader.ReadLineAsync(stop.Token) ?? "");
                    await writer.WriteLineAsync("235 welcome");
                    break;
                case "MAIL":
                    envelope.Clear().Append(line).Append('\n');
                    await writer.WriteLineAsync("250 ok");
                    break;
                case "RCPT":
                    Recipients++;
                    envelope.Append(line).Append("\n\n");
                    await writer.WriteLineAsync(AnswerToRecipient());
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 go on");
                    while (await reader.ReadLineAsync(stop.Token) is { } text && text is not ".")
                    {
                        envelope.Append(text).Append('\n');
                    }

                    await mails.Writer.WriteAsync(envelope.ToString());
                    await writer.WriteLineAsync("250 taken");
                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 bye");
                    return false;
                default:
                    await writer.WriteLineAsync("250 small");
                    break;
            }
        }

        return false;
    }
}

/// <summary>A provider of text messages over HTTP, on a real port.</summary>
public sealed class SmallSmsProvider : IAsyncDisposable
{
    private readonly Channel<(string Body, string? Token, string? Key)> posts = Channel.CreateUnbounded<(string, string?, string?)>();
    private readonly WebApplication app;

    private SmallSmsProvider()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync();
            await posts.Writer.WriteAsync((body, http.Request.Headers.Authorization, http.Request.Headers["Idempotency-Key"]));
            http.Response.StatusCode = Answer();
        });
    }

    public Func<int> Answer { get; set; } = () => StatusCodes.Status202Accepted;

    public string Url => app.Urls.First() + "/messages";

    public static async Task<SmallSmsProvider> StartAsync()
    {
        var provider = new SmallSmsProvider();
        await provider.app.StartAsync(TestContext.Current.CancellationToken);
        return provider;
    }

    public async Task<(string Body, string? Token, string? Key)> NextAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        return await posts.Reader.ReadAsync(limit.Token);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
