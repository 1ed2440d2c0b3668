using System.Text.Json;
using System.Text.Json.Nodes;

namespace Florin.Tests.Routes;

/// <summary>An operation of the program's own description, <c>/openapi/v1.json</c>.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">With the names of its parameters in braces.</param>
/// <param name="Query">The names of its query parameters.</param>
/// <param name="ContentType">What its body is; null for none.</param>
/// <param name="Body">A body that the schema allows; null for none, or none of JSON.</param>
/// <param name="Required">The members of the body that must be there.</param>
internal sealed record DescribedRoute(
    string Method,
    string Path,
    IReadOnlyList<string> Query,
    string? ContentType,
    JsonNode? Body,
    IReadOnlyList<string> Required
)
{
    /// <summary>Reads all of them.</summary>
    public static IReadOnlyList<DescribedRoute> All(JsonElement document) =>
        [
            .. document
                .GetProperty("paths")
                .EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject().Select(operation => Read(document, path.Name, operation))),
        ];

    private static DescribedRoute Read(JsonElement document, string path, JsonProperty operation)
    {
        var query =
            from parameter in operation.Value.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().ToList() : []
            where parameter.GetProperty("in").ValueEquals("query")
            select parameter.GetProperty("name").GetString();
        var content = operation.Value.TryGetProperty("requestBody", out var body)
            ? body.GetProperty("content").EnumerateObject().First()
            : default(JsonProperty?);
        var schema =
            content is { } given && given.Name.Contains("json", StringComparison.Ordinal)
                ? Resolve(document, given.Value.GetProperty("schema"))
                : default(JsonElement?);
        return new DescribedRoute(
            operation.Name.ToUpperInvariant(),
            path,
            [.. query],
            content?.Name.Replace("*", "octet-stream", StringComparison.Ordinal),
            schema is { } known ? Example(document, known, 0) : null,
            schema is { } object_ && object_.TryGetProperty("required", out var required)
                ? [.. required.EnumerateArray().Select(name => name.GetString()!)]
                : []
        );
    }

    private static JsonElement Resolve(JsonElement document, JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()!.Split('/')[^1];
            return Resolve(document, document.GetProperty("components").GetProperty("schemas").GetProperty(name));
        }

        foreach (var choice in new[] { "oneOf", "anyOf", "allOf" })
        {
            if (schema.TryGetProperty(choice, out var choices))
            {
                return Resolve(document, choices.EnumerateArray().Last());
            }
        }

        return schema;
    }

    private static JsonNode? Example(JsonElement document, JsonElement given, int depth)
    {
        var schema = Resolve(document, given);
        if (schema.TryGetProperty("properties", out var properties) && depth < 5)
        {
            return new JsonObject(properties.EnumerateObject().Select(one => KeyValuePair.Create(one.Name, Example(document, one.Value, depth + 1))));
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            return JsonNode.Parse(values[0].GetRawText());
        }

        return TypeOf(schema) switch
        {
            "array" => new JsonArray(schema.TryGetProperty("items", out var items) ? Example(document, items, depth + 1) : null),
            "integer" or "number" => JsonValue.Create(1),
            "boolean" => JsonValue.Create(true),
            "string" => JsonValue.Create(Text(schema)),
            _ => new JsonObject(),
        };
    }

    private static string? TypeOf(JsonElement schema) =>
        !schema.TryGetProperty("type", out var type) ? null
        : type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()).First(one => one is not "null")
        : type.GetString();

    private static string Text(JsonElement schema) =>
        schema.TryGetProperty("format", out var format) && format.ValueEquals("date-time") ? "2026-01-31T12:00:00Z"
        : format.ValueKind == JsonValueKind.String && format.ValueEquals("date") ? "2000-01-31"
        : !schema.TryGetProperty("pattern", out var pattern) ? "something long enough"
        : pattern.GetString() switch
        {
            "^[A-Z]{3}$" => "KZT",
            "^[0-9]{6}$" => "123456",
            "[0-9]{10}" => "1234567890",
            var other => other!.Contains(@"\.\d+", StringComparison.Ordinal) ? "12.34" : "1234",
        };
}
