using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Florin.Platform;

/// <summary>A log entry as one line, text or JSON, without line breaks, e-mail addresses, tokens and passwords.</summary>
internal static partial class LogLine
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly SearchValues<string> Suspicious = SearchValues.Create(
        ["@", "bearer", "password", "passwd", "secret", "token", "eyj", "apikey", "api_key", "pwd"],
        StringComparison.OrdinalIgnoreCase
    );

    /// <summary>The line, without its end.</summary>
    internal static string Of<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, DateTimeOffset at, bool json)
    {
        var message = Clean(entry.Formatter(entry.State, entry.Exception));
        var fault = entry.Exception is null ? null : Clean(entry.Exception.ToString());
        var request = RequestOf(scopes);
        var category = entry.Category.StartsWith("Florin.", StringComparison.Ordinal) ? entry.Category[7..] : entry.Category;
        if (json)
        {
            return Json(entry.LogLevel, category, request, message, fault, at, entry.State as IReadOnlyList<KeyValuePair<string, object?>>);
        }

        var line = new StringBuilder(160);
        line.Append(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Name(entry.LogLevel), -5} {category}");
        if (request is not null)
        {
            line.Append(" [").Append(request).Append(']');
        }

        line.Append(' ').Append(message);
        return fault is null ? line.ToString() : line.Append(" | ").Append(fault).ToString();
    }

    /// <summary>The text in one line, with what must not be kept taken out.</summary>
    internal static string Clean(string text)
    {
        if (text.AsSpan().ContainsAny(Suspicious))
        {
            text = Credential().Replace(text, "${name}${mark}***");
            text = Jwt().Replace(text, "***");
            text = Email().Replace(text, "***@***");
        }

        return text.AsSpan().ContainsAnyInRange('\0', '\x1f') ? Controls().Replace(text, " | ") : text;
    }

    private static string Json(
        LogLevel level,
        string category,
        string? request,
        string message,
        string? fault,
        DateTimeOffset at,
        IReadOnlyList<KeyValuePair<string, object?>>? values
    )
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("time", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteString("level", Name(level));
            writer.WriteString("category", category);
            if (request is not null)
            {
                writer.WriteString(RequestState.ScopeName, request);
            }

            writer.WriteString("message", message);
            foreach (var (name, value) in values ?? [])
            {
                if (name is not "{OriginalFormat}" && JsonNamingPolicy.SnakeCaseLower.ConvertName(name) is var field && field is not RequestState.ScopeName)
                {
                    writer.WriteString(field, Clean(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                }
            }

            if (fault is not null)
            {
                writer.WriteString("exception", fault);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string? RequestOf(IExternalScopeProvider? scopes)
    {
        var found = new RequestState?[1];
        scopes?.ForEachScope(static (scope, found) => found[0] = scope as RequestState ?? found[0], found);
        return found[0]?.Http.TraceIdentifier;
    }

    private static string Name(LogLevel level) =>
        level switch
        {
            LogLevel.Trace => "trace",
            LogLevel.Debug => "debug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "error",
            _ => "fatal",
        };

    [GeneratedRegex(
        """(?<name>\bbearer)(?<mark>\s+)\S+|(?<name>\b[\w-]*(password|passwd|pwd|secret|token|api_?key)[\w-]*["']?)(?<mark>\s*[=:]\s*["']?)[^\s"'&;,|]+""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        1000
    )]
    private static partial Regex Credential();

    [GeneratedRegex(@"\beyJ[\w-]+\.[\w-]+\.?[\w-]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Jwt();

    [GeneratedRegex(@"[^\s@<>""'=:,;|/]+@[\w-]+(\.[\w-]+)+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Email();

    [GeneratedRegex(@"\s*[\x00-\x1f]+\s*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Controls();
}
