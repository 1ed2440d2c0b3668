using System.Text.Json;
using System.Text.RegularExpressions;

namespace Florin.Platform;

/// <summary>Says which field of a malformed request is wrong and how, in the words of the wire: no type of ours is named.</summary>
internal static partial class MalformedRequests
{
    private static readonly string[] Required = ["is required"];

    /// <summary>What the framework could not bind.</summary>
    internal static Refusal From(BadHttpRequestException bad) =>
        bad switch
        {
            { InnerException: JsonException json } => From(json),
            { StatusCode: 408 } => PlatformRefusals.TooSlow.With(),
            { StatusCode: 413 } => PlatformRefusals.TooLarge.With(),
            { StatusCode: 415 } => PlatformRefusals.UnsupportedMediaType.With(),
            _ when Parameter().Match(bad.Message) is { Success: true } match => match.Groups["rest"].Value.Contains("body", StringComparison.Ordinal)
                ? PlatformRefusals.InvalidRequest.Field("body", "is missing or empty")
                : PlatformRefusals.InvalidRequest.Field(WireName(match.Groups["name"].Value), "is missing or malformed"),
            _ => PlatformRefusals.InvalidRequest.With(),
        };

    /// <summary>What <c>AddValidation</c> found: names as they stand in C#.</summary>
    internal static Refusal From(IDictionary<string, string[]> errors)
    {
        var fields = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var (path, messages) in errors)
        {
            var name = WirePath(path);
            var last = path.Split('.')[^1];
            var wanted = messages.Select(message => message.Replace(last, WireName(last), StringComparison.Ordinal));
            fields[name] = fields.TryGetValue(name, out var before) ? [.. before, .. wanted] : [.. wanted];
        }

        return new Refusal(PlatformRefusals.InvalidRequest) { Errors = fields };
    }

    private static Refusal From(JsonException json)
    {
        if (Quoted(Missing(), json.Message) is { Length: > 0 } missing)
        {
            var path = FieldOf(json.Path);
            var errors = missing.ToDictionary(name => path is "body" ? name : $"{path}.{name}", _ => Required, StringComparer.Ordinal);
            return new Refusal(PlatformRefusals.InvalidRequest) { Errors = errors };
        }

        if (json.InnerException is JsonException)
        {
            return PlatformRefusals.InvalidRequest.Field("body", $"is not JSON: look at line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}");
        }

        var unmapped = Unmapped().Match(json.Message);
        var repeated = Repeated().Match(json.Message);
        return unmapped.Success ? PlatformRefusals.InvalidRequest.Field(Join(json.Path, unmapped.Groups["name"].Value), "is not a field of this request")
            : repeated.Success ? PlatformRefusals.InvalidRequest.Field(Join(json.Path, repeated.Groups["name"].Value), "stands there more than once")
            : PlatformRefusals.InvalidRequest.Field(FieldOf(json.Path), MessageOf(json));
    }

    private static string MessageOf(JsonException json)
    {
        // Our own converters' messages are for people; the serializer's begin like this and name types of ours.
        var message = json.Message.Split(" Path: ")[0];
        return
            message.StartsWith("The ", StringComparison.Ordinal)
            || message.StartsWith("JSON ", StringComparison.Ordinal)
            || message.Contains("Florin.", StringComparison.Ordinal)
            ? "is missing or has the wrong type"
            : message;
    }

    private static string Join(string? path, string name)
    {
        var field = FieldOf(path);
        return field is "body" || string.Equals(field, name, StringComparison.Ordinal) ? name
            : field.EndsWith("." + name, StringComparison.Ordinal) ? field
            : $"{field}.{name}";
    }

    // "$.lines[0].amount" is "lines[0].amount"; "$" is the body itself.
    private static string FieldOf(string? path) =>
        path is { Length: > 2 } && path[1] == '.' ? path[2..]
        : path is { Length: > 2 } ? path[1..]
        : "body";

    private static string WirePath(string path) => path.Length == 0 ? "body" : string.Join('.', path.Split('.').Select(WireName));

    private static string WireName(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static string[] Quoted(Regex list, string message) =>
        list.Match(message) is { Success: true } match ? [.. Name().Matches(match.Groups["names"].Value).Select(name => name.Groups["name"].Value)] : [];

    [GeneratedRegex("parameter \"(?<type>[^\"]*?) ?(?<name>\\w+)\"(?<rest>.*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex("missing required properties including: (?<names>.*?)\\.?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex("'(?<name>[^']+)'", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex("property '(?<name>[^']+)' could not be mapped", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unmapped();

    [GeneratedRegex("Duplicate property '(?<name>[^']+)'", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Repeated();
}

/// <summary>What the framework itself declines, such as a failed validation, goes out in the same shape as every refusal.</summary>
internal sealed class FrameworkProblems : IProblemDetailsService
{
    public async ValueTask<bool> TryWriteAsync(ProblemDetailsContext context)
    {
        await WriteAsync(context);
        return true;
    }

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var refusal = context.ProblemDetails is HttpValidationProblemDetails invalid
            ? MalformedRequests.From(invalid.Errors)
            : EmptyAnswers.ForStatus(context.ProblemDetails.Status ?? context.HttpContext.Response.StatusCode).With();
        return new ValueTask(RefusalResponses.WriteAsync(context.HttpContext, refusal));
    }
}
