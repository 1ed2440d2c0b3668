using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Florin.Tests.Webhooks;

/// <summary>A post that a receiver got.</summary>
public sealed record Posted(string Id, string Timestamp, string Signature, string Body, HttpContext Http)
{
    /// <summary>Method, path and content type.</summary>
    public string Line { get; } = $"{Http.Request.Method} {Http.Request.Path} {Http.Request.ContentType}";

    public JsonElement Json { get; } = JsonDocument.Parse(Body).RootElement;

    public string Topic => Json.GetProperty("type").GetString()!;

    /// <summary>The <c>n</c> of the test's payload.</summary>
    public int Number => Json.GetProperty("data").GetProperty("n").GetInt32();

    /// <summary>Which of these secrets signed it, by the words of Standard Webhooks 1.0.</summary>
    public List<int> SignedBy(params string[] secrets) =>
        [
            .. Enumerable
                .Range(0, secrets.Length)
                .Where(i =>
                {
                    var key = Convert.FromBase64String(secrets[i]["whsec_".Length..]);
                    var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{Id}.{Timestamp}.{Body}")));
                    return Signature.Split(' ').Contains(expected, StringComparer.Ordinal);
                }),
        ];
}

/// <summary>A merchant's server on a real port, which answers what the test wants.</summary>
public sealed class SmallReceiver : IAsyncDisposable
{
    private readonly Channel<Posted> posts = Channel.CreateUnbounded<Posted>();
    private readonly WebApplication app;

    private SmallReceiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var headers = http.Request.Headers;
            var post = new Posted(headers["webhook-id"]!, headers["webhook-timestamp"]!, headers["webhook-signature"]!, await reader.ReadToEndAsync(), http);
            await posts.Writer.WriteAsync(post);
            await AnswerAsync(post);
        });
    }

    /// <summary>What it does with a post; 200 by itself.</summary>
    public Func<Posted, Task> AnswerAsync { get; set; } = _ => Task.CompletedTask;

    public string Url => app.Urls.First() + "/florin";

    public static async Task<SmallReceiver> StartAsync(Func<Posted, Task>? answerAsync = null)
    {
        var receiver = new SmallReceiver();
        receiver.AnswerAsync = answerAsync ?? receiver.AnswerAsync;
        await receiver.app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Answers every post with this status.</summary>
    public static Task<SmallReceiver> StartAsync(Func<Posted, int> status) =>
        StartAsync(post =>
        {
            post.Http.Response.StatusCode = status(post);
            return Task.CompletedTask;
        });

    public async Task<Posted> NextAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        return await posts.Reader.ReadAsync(limit.Token);
    }

    public async Task<List<Posted>> NextAsync(int count)
    {
        var got = new List<Posted>();
        while (got.Count < count)
        {
            got.Add(await NextAsync());
        }

        return got;
    }

    public bool IsEmpty => !posts.Reader.TryPeek(out _);

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
