using System.Collections;
using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;

namespace Florin.Platform;

/// <summary>What the outermost layer knows of a request. It is the log scope too.</summary>
internal sealed class RequestState(HttpContext http, bool secure) : IReadOnlyList<KeyValuePair<string, object?>>
{
    /// <summary>The name of the request id in logs.</summary>
    internal const string ScopeName = "request_id";

    internal HttpContext Http { get; } = http;

    /// <summary>Whether browsers are told to come by TLS only.</summary>
    internal bool Secure { get; } = secure;

    /// <summary>What is left under the route's limit, to be told to the caller.</summary>
    internal RateStanding? Standing { get; set; }

    public int Count => 1;

    public KeyValuePair<string, object?> this[int index] => new(ScopeName, Http.TraceIdentifier);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return this[0];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => Http.TraceIdentifier;
}

/// <summary>The outermost layer: gives each request its id, each answer its headers, refuses hosts that are not ours, and logs a line.</summary>
internal sealed partial class RequestEdge(RequestDelegate next, Settings settings, ILogger<RequestEdge> log)
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);
    private static readonly Func<object, Task> AddHeaders = static state =>
    {
        ResponseHeaders.Add((RequestState)state);
        return Task.CompletedTask;
    };
    private readonly HostList hosts = new(settings.AllowedHosts);

    public async Task InvokeAsync(HttpContext http)
    {
        http.TraceIdentifier = RequestIds.Of(http.Request.Headers[RequestIds.Header]);
        var state = new RequestState(http, !settings.Sandbox || http.Request.IsHttps);
        http.Features.Set(state);
        http.Response.OnStarting(AddHeaders, state);
        using var scope = log.BeginScope(state);
        var began = Stopwatch.GetTimestamp();
        try
        {
            // Probes ask by address, and learn nothing.
            if (!hosts.Allows(http.Request.Host.Host) && !http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
            {
                await RefusalResponses.WriteAsync(http, PlatformRefusals.HostNotAllowed.With());
            }
            else if (http.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) is true)
            {
                await RefusalResponses.WriteAsync(http, PlatformRefusals.InvalidRequest.With("The query " + RefusalResponses.NoNul + "."));
            }
            else
            {
                await next(http);
            }
        }
        finally
        {
            LogEnd(http, Stopwatch.GetElapsedTime(began));
        }
    }

    /// <summary>The pattern of the route that was called, such as <c>/v1/wallets/{id}</c>. Logs name it and never the path, which may hold codes.</summary>
    internal static string RouteOf(HttpContext http)
    {
        // The exception handler takes the endpoint away.
        var endpoint = http.GetEndpoint() ?? http.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        return (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
    }

    private void LogEnd(HttpContext http, TimeSpan took)
    {
        // A stream of events is meant to stay open.
        var stream = http.Response.StatusCode == StatusCodes.Status101SwitchingProtocols || http.Response.ContentType is "text/event-stream";
        var level = http.Response.StatusCode >= 500 || (took > Slow && !stream) ? LogLevel.Information : LogLevel.Debug;
        if (log.IsEnabled(level))
        {
            var person = http.User.FindFirst(Caller.PersonClaim)?.Value ?? "-";
            LogRequest(level, http.Request.Method, RouteOf(http), http.Response.StatusCode, (long)took.TotalMilliseconds, http.TraceIdentifier, person);
        }
    }

    [LoggerMessage("{Method} {Route} {Status} {Milliseconds} ms, request {RequestId}, person {Person}")]
    private partial void LogRequest(LogLevel level, string method, string route, int status, long milliseconds, string requestId, string person);
}

/// <summary>
/// The names that this installation answers to: exact names, <c>*.example.org</c> for all names below, <c>.example.org</c> for those and
/// itself (Django's way to say it), or <c>*</c> for any.
/// </summary>
internal sealed class HostList(IReadOnlyList<string> allowed)
{
    private readonly bool any = allowed.Contains("*", StringComparer.Ordinal);
    private readonly HashSet<string> names = new(allowed.Select(name => name.TrimStart('.')), StringComparer.OrdinalIgnoreCase);
    private readonly string[] below = [.. allowed.Select(name => name.TrimStart('*')).Where(name => name.StartsWith('.'))];

    internal bool Allows(string host) => any || names.Contains(host) || Array.Exists(below, name => host.EndsWith(name, StringComparison.OrdinalIgnoreCase));
}
