using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Florin.Platform.Pages;

/// <summary>
/// The pages' way to <c>/v1</c>: the same routes, rules, limits, keys and activity rows as for every other client, called inside this process with the
/// session of whoever reads the page (decision 7). One per request.
/// </summary>
public sealed class PageApi(PageContext page, PagePipeline pipeline, IServiceScopeFactory scopes)
{
    private static readonly JsonSerializerOptions Json = new(Wire.Json)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip,
        Converters = { new SignedAmounts() },
    };

    /// <summary>Reads.</summary>
    /// <exception cref="PageRefusal">What the route refused with.</exception>
    public async Task<T> GetAsync<T>(string path) => (await SendAsync("GET", path)).Read<T>();

    /// <summary>Changes something.</summary>
    /// <param name="method">POST, PUT, PATCH or DELETE.</param>
    /// <param name="path">With its query.</param>
    /// <param name="body">Sent as JSON; null for none.</param>
    /// <param name="key">The idempotency key, which the form was shown with, so that a form sent twice counts once.</param>
    /// <exception cref="PageRefusal">What the route refused with.</exception>
    public async Task<T> SendAsync<T>(string method, string path, object? body = null, string? key = null) =>
        (await SendAsync(method, path, body, key)).Read<T>();

    /// <summary>The same, where the answer may be anything.</summary>
    public Task<PageAnswer> SendAsync(string method, string path, object? body = null, string? key = null) =>
        SendAsync(
            method,
            path,
            body is null ? null : new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(body, Json)),
            body is null ? null : "application/json",
            key
        );

    /// <summary>The same with a body of any type, such as a picture or a multipart form.</summary>
    public async Task<PageAnswer> SendAsync(string method, string path, Stream? body, string? contentType, string? key)
    {
        using var answer = new MemoryStream();
        var response = await RunAsync(method, path, body, contentType, key, _ => answer);
        var said = new PageAnswer(response.StatusCode, answer.ToArray(), response.ContentType);
        return said.Status < 400 ? said : throw Refusal(said, response.Headers.RetryAfter);
    }

    /// <summary>Passes what a route answers on to whoever reads the page, while it comes: a file may be larger than the memory.</summary>
    /// <exception cref="PageRefusal">What the route refused with.</exception>
    public async Task<IResult> PassAsync(string path)
    {
        PassedBody? passed = null;
        var response = await RunAsync("GET", path, null, null, null, inner => passed = new PassedBody(inner, page.Http.Response));
        await using (passed)
        {
            return response.StatusCode < 400
                ? Results.Empty
                : throw Refusal(new PageAnswer(response.StatusCode, passed!.Refused, response.ContentType), response.Headers.RetryAfter);
        }
    }

    private async Task<HttpResponse> RunAsync(string method, string path, Stream? body, string? contentType, string? key, Func<HttpResponse, Stream> answer)
    {
        var outer = page.Http;
        var query = path.IndexOf('?', StringComparison.Ordinal);
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(
            new HttpRequestFeature
            {
                Method = method,
                Path = query < 0 ? path : path[..query],
                QueryString = query < 0 ? "" : path[query..],
                Scheme = outer.Request.Scheme,
                Protocol = outer.Request.Protocol,
                Body = body ?? Stream.Null,
            }
        );
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set(outer.Features.Get<IHttpConnectionFeature>());
        features.Set<IHttpRequestBodyDetectionFeature>(new BodyKnown(body is not null));
        features.Set<IHttpMaxRequestBodySizeFeature>(new BodySize()); // the page's own limit has held already
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = outer.RequestAborted });
        await using var scope = scopes.CreateAsyncScope();
        var inner = new DefaultHttpContext(features) { RequestServices = scope.ServiceProvider };
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer(inner.Response)));
        Head(outer.Request, inner.Request, contentType, key);
        await pipeline.RunAsync(inner);
        await inner.Response.CompleteAsync();
        return inner.Response;
    }

    private void Head(HttpRequest outer, HttpRequest inner, string? contentType, string? key)
    {
        inner.Host = outer.Host;
        inner.Headers.UserAgent = outer.Headers.UserAgent;
        inner.Headers[RequestIds.Header] = page.Http.TraceIdentifier;
        if (contentType is not null)
        {
            inner.ContentType = contentType;
        }

        if (key is not null)
        {
            inner.Headers[Idempotency.Header] = key;
        }

        if (page.Http.Features.Get<PageBearer>() is { } bearer)
        {
            inner.Headers.Authorization = "Bearer " + bearer.AccessToken;
        }
    }

    private static PageRefusal Refusal(PageAnswer said, string? retryAfter)
    {
        var problem = said.ContentType?.StartsWith("application/problem+json", StringComparison.Ordinal) == true ? said.Read<JsonElement>() : default;
        return problem.ValueKind == JsonValueKind.Object
            ? new PageRefusal(said.Status, problem) { RetryAfter = retryAfter }
            : throw new InvalidOperationException($"a route answered {said.Status} without saying why");
    }

    private sealed class BodySize : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => true;

        public long? MaxRequestBodySize { get; set; }
    }

    private sealed record BodyKnown(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;

    /// <summary>Reads bodies as pages need them: members that a newer server added are passed over.</summary>
    internal static T Read<T>(byte[] body) => JsonSerializer.Deserialize<T>(body, Json)!;
}

/// <summary>The access token of the session behind a page's cookie, for <see cref="PageApi"/>.</summary>
/// <param name="AccessToken">A JWT.</param>
public sealed record PageBearer(string AccessToken);

/// <summary>What a route answered.</summary>
/// <param name="Status">HTTP status, below 400.</param>
/// <param name="Body">As sent.</param>
/// <param name="ContentType">Its type.</param>
public sealed record PageAnswer(int Status, byte[] Body, string? ContentType)
{
    /// <summary>The body's JSON.</summary>
    public T Read<T>() => PageApi.Read<T>(Body);
}

/// <summary>A route refused. Pages show it where it concerns a form; elsewhere it becomes a page of its own.</summary>
public sealed class PageRefusal(int status, JsonElement problem) : Exception(problem.GetProperty("title").GetString())
{
    /// <summary>HTTP status.</summary>
    public int Status => status;

    /// <summary>The permanent code.</summary>
    public string Code => problem.GetProperty("code").GetString()!;

    /// <summary>One sentence for a person.</summary>
    public string Title => problem.GetProperty("title").GetString()!;

    /// <summary>What is particular to this case.</summary>
    public string? Detail => problem.TryGetProperty("detail", out var detail) ? detail.GetString() : null;

    /// <summary>Seconds, where waiting helps.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>A further member of the problem, such as the tries that are left.</summary>
    public JsonElement? Extension(string name) => problem.TryGetProperty(name, out var value) ? value : null;

    /// <summary>A refusal of ours before any route is asked: one field is wrong.</summary>
    /// <param name="field">Its name in the form.</param>
    /// <param name="message">What is wrong, in English.</param>
    public static PageRefusal Of(string field, string message) =>
        new(
            StatusCodes.Status400BadRequest,
            JsonSerializer.SerializeToElement(
                new
                {
                    code = PlatformRefusals.InvalidRequest.Code,
                    title = "Please look at the marked field.",
                    errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] },
                }
            )
        );

    /// <summary>The same refusal, to be said by a route that is no page.</summary>
    internal Refusal AsRefusal() =>
        new(new RefusalCode(Code, Status, Title), Detail)
        {
            Errors = problem.TryGetProperty("errors", out var errors) ? errors.Deserialize<Dictionary<string, string[]>>() : null,
            RetryAfterSeconds = int.TryParse(RetryAfter, System.Globalization.CultureInfo.InvariantCulture, out var seconds) ? seconds : null,
        };

    /// <summary>What is wrong with a field of the request, by its name on the wire.</summary>
    public string? Error(string field) =>
        problem.TryGetProperty("errors", out var errors) && errors.TryGetProperty(field, out var messages) && messages.GetArrayLength() > 0
            ? messages[0].GetString()
            : null;
}

/// <summary>The program's own way from request to answer, without a network before it.</summary>
public sealed class PagePipeline
{
    private RequestDelegate? entry;

    /// <summary>Stands outermost, and remembers what comes behind it.</summary>
    internal RequestDelegate Remember(RequestDelegate next) => entry = next;

    internal Task RunAsync(HttpContext http) => entry!(http);
}
