using Florin.Identity;
using Florin.Platform;

namespace Florin.Compat;

/// <summary>
/// How an old system said no: <c>{"detail": …}</c> where the framework did, <c>{field: [ … ]}</c> for malformed fields, and <paramref name="key"/> for
/// what its own rules refused. Our permanent code goes out in the header <c>Refusal-Code</c>, so that bodies are as they were.
/// </summary>
/// <param name="key">The member for refusals of the business: <c>error</c> or <c>detail</c>.</param>
internal sealed class EdgeShape(string key)
{
    private const string CodeHeader = "Refusal-Code";
    private const string WithoutField = "non_field_errors";

    // Said by Django itself, before any view of theirs.
    private static readonly string[] OfTheFramework =
    [
        "foreign_form",
        "forbidden",
        "internal_error",
        "invalid_request",
        "method_not_allowed",
        "no_shop",
        "not_acceptable",
        "not_found",
        "not_signed_in",
        "rate_limited",
        "refresh_token_not_valid",
        "second_factor_required",
        "sign_in_failed",
        "too_large",
        "too_slow",
        "unavailable",
        "unsupported_media_type",
    ];

    /// <summary><c>{"error": …}</c> for what a rule refused, as seeds 1 and 2 do.</summary>
    public static readonly EdgeShape Error = new("error");

    /// <summary><c>{"detail": …}</c> for everything that is no field's fault, as seed 3 does.</summary>
    public static readonly EdgeShape Detail = new("detail");

    /// <summary><c>{"detail": …}</c> for everything, as seed 4 does.</summary>
    public static readonly EdgeShape DetailOnly = new("detail") { Flat = true, ShortIs400 = true };

    /// <summary>As <see cref="Error"/>, where too little money was 400.</summary>
    public static readonly EdgeShape ErrorWithout402 = new("error") { ShortIs400 = true };

    /// <summary>Whether too little money in a wallet is 400, as in seeds 1 and 4, and not 402.</summary>
    public bool ShortIs400 { get; init; }

    /// <summary>Whether malformed fields are told in one sentence too.</summary>
    public bool Flat { get; init; }

    private static readonly object[] TokenNotValid =
    [
        new
        {
            token_class = "AccessToken",
            token_type = "access",
            message = "Token is invalid or expired",
        },
    ];

    /// <summary>Writes a refusal.</summary>
    public Task WriteAsync(HttpContext http, Refusal refusal)
    {
        var code = refusal.Reason.Code;
        http.Response.Headers[CodeHeader] = code;
        var rule = refusal.Reason.Status is 403 or 409 or 422 || (refusal.Reason.Status is 402 && ShortIs400 && !Is(refusal, CompatRefusals.PayFirst));
        if (rule && !IsOfTheFramework(refusal.Reason))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest; // what the old systems' rules refused was 400 in all of them
        }

        return http.Response.WriteAsJsonAsync(Body(http, refusal), Wire.Json, "application/json; charset=utf-8");
    }

    private Dictionary<string, object?> Body(HttpContext http, Refusal refusal)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (refusal.Errors is { Count: > 0 } errors)
        {
            if (Flat)
            {
                body["detail"] = string.Join(' ', errors.Select(error => $"{FieldOf(error.Key)}: {string.Join(' ', error.Value)}"));
                return body;
            }

            foreach (var (field, messages) in errors)
            {
                body[FieldOf(field)] = messages;
            }

            return body;
        }

        body[IsOfTheFramework(refusal.Reason) ? "detail" : key] = Text(refusal);
        if (Is(refusal, PlatformRefusals.NotSignedIn) && http.Request.Headers.Authorization.Count > 0)
        {
            body["code"] = "token_not_valid"; // clients of the old systems refresh when they see it
            body["messages"] = TokenNotValid;
        }
        else if (Is(refusal, IdentityRefusals.RefreshTokenNotValid))
        {
            body["code"] = "token_not_valid";
        }

        foreach (var (name, value) in refusal.Extensions ?? new Dictionary<string, object?>(StringComparer.Ordinal))
        {
            body.TryAdd(name, value);
        }

        return body;
    }

    // Field names of /v1 may have a path (amount.currency); the old systems' forms were flat.
    private static string FieldOf(string field) => field is "body" or "query" ? WithoutField : field.Split('.', '[')[0];

    private static bool IsOfTheFramework(RefusalCode reason) => OfTheFramework.Contains(reason.Code, StringComparer.Ordinal);

    private static string Text(Refusal refusal) =>
        Is(refusal, PlatformRefusals.NotFound) ? "Not found."
        : refusal.Detail is null ? refusal.Reason.Title
        : refusal.Reason.Code is "invalid_request" or "forbidden" ? refusal.Detail
        : $"{refusal.Reason.Title} {refusal.Detail}";

    // By code: what /v1 refused inside comes as another object.
    private static bool Is(Refusal refusal, RefusalCode reason) => string.Equals(refusal.Reason.Code, reason.Code, StringComparison.Ordinal);
}
