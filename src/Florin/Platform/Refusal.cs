namespace Florin.Platform;

/// <summary>A permanent answer for something understood and declined. Codes never change meaning; <c>docs/refusals.md</c> lists them all.</summary>
/// <param name="Code">snake_case, unique over the program.</param>
/// <param name="Status">The HTTP status that it is answered with.</param>
/// <param name="Title">One sentence for a person: what was refused and what helps.</param>
public sealed record RefusalCode(string Code, int Status, string Title)
{
    /// <summary>The refusal to throw.</summary>
    /// <param name="detail">What is particular to this case; never anything internal.</param>
    public Refusal With(string? detail = null) => new(this, detail);

    /// <summary>A refusal of one malformed field of the request.</summary>
    /// <param name="name">The field as it stands on the wire.</param>
    /// <param name="message">What is wrong with it.</param>
    public Refusal Field(string name, string message) =>
        new(this, null) { Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [name] = [message] } };
}

/// <summary>Thrown where something is understood and declined. Mapped to RFC 9457 problem+json in one place (<c>RefusalResponses</c>).</summary>
/// <param name="reason">Its permanent code, status and title.</param>
/// <param name="detail">What is particular to this case; shown to the caller.</param>
public sealed class Refusal(RefusalCode reason, string? detail = null) : Exception(detail ?? reason.Title)
{
    /// <summary>Its permanent code, status and title.</summary>
    public RefusalCode Reason { get; } = reason;

    /// <summary>What is particular to this case, if anything.</summary>
    public string? Detail { get; } = detail;

    /// <summary>Messages by field, for malformed input.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>Seconds after which a retry may succeed; sent as <c>Retry-After</c>.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Further members of the problem document, such as the remaining tries. JSON-serialisable, snake_case names.</summary>
    public IReadOnlyDictionary<string, object?>? Extensions { get; init; }

    /// <summary>Answers with it where there is nobody to throw it to: in a layer around the handlers.</summary>
    public Task WriteToAsync(HttpContext http) => RefusalResponses.WriteAsync(http, this);
}

/// <summary>Refusals that any route may answer with. Each module lists its own in a class of the same shape, named after the module.</summary>
public static class PlatformRefusals
{
    /// <summary>Malformed input; <c>errors</c> says which field.</summary>
    public static readonly RefusalCode InvalidRequest = new("invalid_request", 400, "The request is malformed; see errors.");

    /// <summary>A money or creating route was called without a key.</summary>
    public static readonly RefusalCode IdempotencyKeyMissing = new(
        "idempotency_key_missing",
        400,
        "This route needs an Idempotency-Key header of 1 to 255 printable ASCII characters."
    );

    /// <summary>Not signed in, or the token is expired, revoked or forged.</summary>
    public static readonly RefusalCode NotSignedIn = new("not_signed_in", 401, "Sign in first, or refresh the token.");

    /// <summary>Signed in, without the right.</summary>
    public static readonly RefusalCode Forbidden = new("forbidden", 403, "Your role does not allow this.");

    /// <summary>A form that did not come from a page of ours, or from one that was open for too long.</summary>
    public static readonly RefusalCode ForeignForm = new("foreign_form", 403, "This form is too old or came from somewhere else. Open the page again.");

    /// <summary>It does not exist or is somebody else's.</summary>
    public static readonly RefusalCode NotFound = new("not_found", 404, "There is no such thing here.");

    /// <summary>The route exists for another HTTP method.</summary>
    public static readonly RefusalCode MethodNotAllowed = new("method_not_allowed", 405, "This route does not take that method.");

    /// <summary>The route cannot answer in what the client accepts.</summary>
    public static readonly RefusalCode NotAcceptable = new("not_acceptable", 406, "The route cannot answer in a form that the Accept header allows.");

    /// <summary>The request did not arrive in time.</summary>
    public static readonly RefusalCode TooSlow = new("too_slow", 408, "The request took too long to arrive.");

    /// <summary>A call with this key is being carried out now.</summary>
    public static readonly RefusalCode IdempotencyKeyInUse = new("idempotency_key_in_use", 409, "A request with this Idempotency-Key is still running; retry.");

    /// <summary>The answer of the first call held a secret and was not kept, or was emptied when the account ended.</summary>
    public static readonly RefusalCode AnswerNotKept = new(
        "answer_not_kept",
        409,
        "This was done before with this Idempotency-Key; its answer is not kept, since it held a secret or its person's account has ended."
    );

    /// <summary>The body is larger than the route takes.</summary>
    public static readonly RefusalCode TooLarge = new("too_large", 413, "The request body is too large.");

    /// <summary>No JPEG, PNG or WebP, or cut short.</summary>
    public static readonly RefusalCode PictureNotReadable = new("picture_not_readable", 422, "Send a whole JPEG, PNG or WebP picture.");

    /// <summary>Too many bytes or pixels.</summary>
    public static readonly RefusalCode PictureTooLarge = new("picture_too_large", 413, "A picture may have at most 5 MB and 8000 × 8000 pixels.");

    /// <summary>The content type is not one that the route takes.</summary>
    public static readonly RefusalCode UnsupportedMediaType = new("unsupported_media_type", 415, "The route does not take this content type.");

    /// <summary>The Host header names a host that this installation does not answer to.</summary>
    public static readonly RefusalCode HostNotAllowed = new("host_not_allowed", 421, "This server does not answer to that host name.");

    /// <summary>The key was used for another request.</summary>
    public static readonly RefusalCode IdempotencyKeyReused = new(
        "idempotency_key_reused",
        422,
        "This Idempotency-Key was used before with another request; use a new key."
    );

    /// <summary>Too many requests.</summary>
    public static readonly RefusalCode RateLimited = new("rate_limited", 429, "Too many requests; wait and retry.");

    /// <summary>A fault of ours. The request id finds it in the log.</summary>
    public static readonly RefusalCode InternalError = new("internal_error", 500, "Something went wrong on our side; quote the request id.");

    /// <summary>The database is away or too busy; nothing was done.</summary>
    public static readonly RefusalCode Unavailable = new("unavailable", 503, "The service is busy; nothing was done. Retry with the same key.");
}
