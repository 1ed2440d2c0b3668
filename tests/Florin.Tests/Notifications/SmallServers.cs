using System.Net;
using System.Net.Sockets;
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

    /// <summary>The next mail: envelope, an empty line, headers and body as they came.</summary>
    public async Task<string> NextAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
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
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { AutoFlush = true, NewLine = "\r\n" };
        var envelope = new StringBuilder();
        await writer.WriteLineAsync("220 small");
        while (await reader.ReadLineAsync(stop.Token) is { } line)
        {
            var word = line.Split(' ', ':')[0].ToUpperInvariant();
            switch (word)
            {
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
                    return;
                default:
                    await writer.WriteLineAsync("250 small");
                    break;
            }
        }
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
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        return await posts.Reader.ReadAsync(limit.Token);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
