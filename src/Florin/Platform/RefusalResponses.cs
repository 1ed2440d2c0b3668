using Florin.Platform.Pages;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace Florin.Platform;

/// <summary>The one place where a refusal, and every other exception, becomes an answer: RFC 9457 problem+json with a permanent code.</summary>
internal sealed partial class RefusalResponses(ILogger<RefusalResponses> log, Idempotency idempotency) : IExceptionHandler
{
    // U+0000, which JSON may hold and PostgreSQL may not: in text, and in jsonb.
    private const string NoSuchCharacter = PostgresErrorCodes.CharacterNotInRepertoire;
    private const string NoSuchEscape = PostgresErrorCodes.UntranslatableCharacter;

    /// <summary>
    /// Refused before the database sees it: a statement that fails while Npgsql prepares it by itself spoils its connection for the next
    /// (npgsql/npgsql#6391).
    /// </summary>
    internal const string NoNul = "must not hold the character U+0000";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        if (exception is PageRefusal passed && EdgeRoute.Of(httpContext) is null)
        {
            await PageAnswers.RefuseAsync(httpContext, passed.Status, passed.Code, passed.Title, passed.Detail);
            return true;
        }

        var refusal = exception as Refusal ?? (exception as PageRefusal)?.AsRefusal() ?? Translate(exception);
        try
        {
            if (await ReplayAsync(httpContext, refusal) is { } answer)
            {
                await answer.ExecuteAsync(httpContext);
                return true;
            }
        }
        catch (Refusal other)
        {
            refusal = other; // the key was another request's, or the answer held a secret and was not kept
        }

        if (refusal.Reason == PlatformRefusals.Unavailable && exception is not Refusal)
        {
            LogUnavailable(httpContext.Request.Method, RequestEdge.RouteOf(httpContext), exception.Message); // no stack: there are many of these at once
        }
        else if (refusal.Reason.Status == 500)
        {
            LogFault(exception, httpContext.Request.Method, RequestEdge.RouteOf(httpContext), httpContext.TraceIdentifier);
        }

        await WriteAsync(httpContext, refusal);
        return true;
    }

    /// <summary>Writes a refusal as an answer.</summary>
    internal static Task WriteAsync(HttpContext http, Refusal refusal)
    {
        if (PageRoute.Wants(http))
        {
            return PageAnswers.RefuseAsync(http, refusal.Reason.Status, refusal.Reason.Code, refusal.Reason.Title, refusal.Detail);
        }

        AddHeaders(http, refusal);
        return EdgeRoute.Of(http) is { } edge ? edge.Refuse(http, refusal) : WriteProblemAsync(http, refusal);
    }

    private static Task WriteProblemAsync(HttpContext http, Refusal refusal)
    {
        var problem = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["type"] = "about:blank",
            ["title"] = refusal.Reason.Title,
            ["status"] = refusal.Reason.Status,
            ["code"] = refusal.Reason.Code,
            ["request_id"] = http.TraceIdentifier,
        };
        if (refusal.Detail is not null)
        {
            problem["detail"] = refusal.Detail;
        }

        if (refusal.Errors is not null)
        {
            problem["errors"] = refusal.Errors;
        }

        foreach (var (name, value) in refusal.Extensions ?? new Dictionary<string, object?>(StringComparer.Ordinal))
        {
            problem[name] = value;
        }

        return http.Response.WriteAsJsonAsync(problem, Wire.Json, "application/problem+json");
    }

    private static void AddHeaders(HttpContext http, Refusal refusal)
    {
        http.Response.StatusCode = refusal.Reason.Status;
        var retryAfter = refusal.RetryAfterSeconds ?? (refusal.Reason.Status == 503 ? 1 : null);
        if (retryAfter is not null)
        {
            http.Response.Headers.RetryAfter = retryAfter.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (refusal.Reason.Status == 401)
        {
            // RFC 9110 §11.6.1 and RFC 6750 §3
            http.Response.Headers.WWWAuthenticate = http.Request.Headers.Authorization.Count > 0 ? "Bearer error=\"invalid_token\"" : "Bearer";
        }
    }

    private static Refusal Translate(Exception exception) =>
        exception switch
        {
            BadHttpRequestException bad => MalformedRequests.From(bad),
            PostgresException { SqlState: NoSuchCharacter or NoSuchEscape } => PlatformRefusals.InvalidRequest.With("Text " + NoNul + "."),
            { InnerException: PostgresException { SqlState: NoSuchCharacter or NoSuchEscape } } => PlatformRefusals.InvalidRequest.With("Text " + NoNul + "."), // as EF wraps them
            NpgsqlException { IsTransient: true } => PlatformRefusals.Unavailable.With(),
            { InnerException: NpgsqlException { IsTransient: true } } => PlatformRefusals.Unavailable.With(), // as EF wraps them
            { InnerException.InnerException: NpgsqlException { IsTransient: true } } => PlatformRefusals.Unavailable.With(),
            _ => PlatformRefusals.InternalError.With(),
        };

    // A retry of what was done must not be refused because the world has moved on (the money is spent, the quote has expired).
    private async Task<Answer?> ReplayAsync(HttpContext http, Refusal refusal) =>
        refusal.Reason.Status is >= 400 and < 500 && refusal.Reason != PlatformRefusals.IdempotencyKeyReused && http.Features.Get<IdempotencyKey>() is { } key
            ? await idempotency.FindAsync(key, CancellationToken.None)
            : null;

    [LoggerMessage(LogLevel.Error, "{Method} {Route} failed; request {RequestId}")]
    private partial void LogFault(Exception exception, string method, string route, string requestId);

    [LoggerMessage(LogLevel.Warning, "{Method} {Route} could not be served: {Reason}")]
    private partial void LogUnavailable(string method, string route, string reason);
}
