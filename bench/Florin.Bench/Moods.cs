using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Florin.Bench;

/// <summary>When a gateway misbehaves.</summary>
public enum Stage
{
    /// <summary>Before it has done what it was asked.</summary>
    Before,

    /// <summary>After it has done it: only the answer is lost.</summary>
    After,
}

/// <summary>How a small gateway treats the next requests, one each, in the order that they were told; then it is well again.</summary>
public sealed class Moods
{
    private readonly ConcurrentQueue<Mood> next = new();
    private long lived;

    private sealed record Mood(Stage Stage, Func<HttpContext, Task> AnswerAsync);

    /// <summary>Whether every mood has been lived through.</summary>
    public bool Over => next.IsEmpty;

    /// <summary>Well again.</summary>
    public void Clear() => next.Clear();

    /// <summary>It is well again from now on.</summary>
    public void Calm() => next.Clear();

    /// <summary>Whether every second request is cut, refused or answered late at random.</summary>
    public bool Wild { get; set; }

    /// <summary>How many requests met a mood.</summary>
    public long Lived => Interlocked.Read(ref lived);

    /// <summary>Cuts the connection.</summary>
    public void CutNext(Stage stage) => next.Enqueue(new Mood(stage, Cut));

    /// <summary>Says nothing until the client gives up.</summary>
    public void HangNext(Stage stage) =>
        next.Enqueue(new Mood(stage, http => Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default)));

    /// <summary>Answers with this status instead.</summary>
    public void AnswerNext(Stage stage, int status, string body = "", int? retryAfter = null) =>
        next.Enqueue(
            new Mood(
                stage,
                http =>
                {
                    http.Response.StatusCode = status;
                    http.Response.Headers.RetryAfter = retryAfter?.ToString(CultureInfo.InvariantCulture);
                    return http.Response.WriteAsync(body);
                }
            )
        );

    private static Mood? Wildly()
    {
        var stage = RandomNumberGenerator.GetInt32(2) == 0 ? Stage.Before : Stage.After;
        return RandomNumberGenerator.GetInt32(8) switch
        {
            0 or 1 => new Mood(stage, Cut),
            2 => new Mood(stage, http => Answer(http, StatusCodes.Status500InternalServerError)),
            3 => new Mood(stage, http => Task.Delay(TimeSpan.FromSeconds(3), http.RequestAborted).ContinueWith(_ => Cut(http), TaskScheduler.Default)),
            _ => null,
        };
    }

    private static Task Cut(HttpContext http)
    {
        http.Abort();
        return Task.CompletedTask;
    }

    private static Task Answer(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>Carries out a request in the mood of the moment.</summary>
    internal async Task LiveAsync(HttpContext http, Func<Task<(int Status, string Body)>> work)
    {
        if (!next.TryDequeue(out var mood) && Wild)
        {
            mood = Wildly();
        }

        if (mood is not null)
        {
            Interlocked.Increment(ref lived);
        }

        if (mood is { Stage: Stage.Before })
        {
            await mood.AnswerAsync(http);
            return;
        }

        var (status, body) = await work();
        if (mood is not null)
        {
            await mood.AnswerAsync(http);
            return;
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body);
    }
}
