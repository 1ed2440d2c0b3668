using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Florin.Tests.Gateways;

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

    private sealed record Mood(Stage Stage, Func<HttpContext, Task> AnswerAsync);

    /// <summary>Whether every mood has been lived through.</summary>
    public bool Over => next.IsEmpty;

    /// <summary>Well again.</summary>
    public void Clear() => next.Clear();

    /// <summary>It is well again from now on.</summary>
    public void Calm() => next.Clear();

    /// <summary>Cuts the connection.</summary>
    public void CutNext(Stage stage) =>
        next.Enqueue(
            new Mood(
                stage,
                http =>
                {
                    http.Abort();
                    return Task.CompletedTask;
                }
            )
        );

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

    /// <summary>Carries out a request in the mood of the moment.</summary>
    internal async Task LiveAsync(HttpContext http, Func<Task<(int Status, string Body)>> work)
    {
        next.TryDequeue(out var mood);
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
