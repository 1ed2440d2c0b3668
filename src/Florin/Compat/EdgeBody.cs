using System.Globalization;
using System.Text.Json;
using Florin.Platform;

namespace Florin.Compat;

/// <summary>A file that came in a form.</summary>
/// <param name="Name">As the client calls it.</param>
/// <param name="ContentType">As the client says.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record EdgeFile(string Name, string ContentType, byte[] Content);

/// <summary>
/// What an old client sent. JSON, url-encoded and multipart forms hold the same fields. What is wrong is gathered by field; <see cref="Check"/> refuses
/// with all of it at once. Unknown fields are passed over, as the old systems did.
/// </summary>
internal sealed class EdgeBody
{
    private const int MostFields = 64;
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private readonly Dictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EdgeFile> files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> errors = new(StringComparer.Ordinal);

    private EdgeBody() { }

    /// <summary>Reads a request's body; an empty one has no fields.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c>, <c>unsupported_media_type</c></exception>
    public static async Task<EdgeBody> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        var body = new EdgeBody();
        if (request.HasFormContentType)
        {
            await body.ReadFormAsync(request, cancel);
        }
        else if (request.HasJsonContentType() || request.ContentType is null)
        {
            await body.ReadJsonAsync(request, cancel);
        }
        else
        {
            throw PlatformRefusals.UnsupportedMediaType.With();
        }

        return body;
    }

    /// <summary>Whether a field was sent, and is not null.</summary>
    public bool Has(string name) => fields.ContainsKey(name);

    /// <summary>The field's JSON, whatever it is; null where it was not sent.</summary>
    public JsonElement? Json(string name) => fields.TryGetValue(name, out var value) ? value : null;

    /// <summary>Notes that something is wrong with a field.</summary>
    public void Wrong(string name, string message) => errors[name] = errors.TryGetValue(name, out var before) ? [.. before, message] : [message];

    /// <summary>Refuses with everything that was wrong.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public void Check()
    {
        if (errors.Count > 0)
        {
            throw new Refusal(PlatformRefusals.InvalidRequest) { Errors = errors };
        }
    }

    /// <summary>A text that must be there and not blank. Empty where it is wrong.</summary>
    /// <param name="name">The field.</param>
    /// <param name="longest">Characters at most.</param>
    /// <param name="trim">Whether blanks around it are dropped; not in passwords.</param>
    public string Text(string name, int longest = 255, bool trim = true)
    {
        if (!Has(name))
        {
            Wrong(name, "This field is required.");
            return "";
        }

        var text = TextOrNull(name, longest, trim) ?? "";
        if (text.Length == 0 && !errors.ContainsKey(name))
        {
            Wrong(name, "This field may not be blank.");
        }

        return text;
    }

    /// <summary>A text that may be missing or blank.</summary>
    public string? TextOrNull(string name, int longest = 255, bool trim = true)
    {
        if (Json(name) is not { } value)
        {
            return null;
        }

        if (Plain(value) is not { } plain)
        {
            Wrong(name, "Not a valid string.");
            return null;
        }

        var text = trim ? plain.Trim() : plain;
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            Wrong(name, "Null characters are not allowed.");
            return null;
        }

        if (text.Length > longest)
        {
            Wrong(name, $"Ensure this field has no more than {longest} characters.");
            return null;
        }

        return text;
    }

    /// <summary>One of some words. Empty where it is wrong.</summary>
    public string Choice(string name, IReadOnlyCollection<string> choices)
    {
        var text = Text(name);
        if (text.Length > 0 && !choices.Contains(text, StringComparer.Ordinal))
        {
            Wrong(name, $"\"{text}\" is not a valid choice.");
        }

        return text;
    }

    /// <summary>A whole number that must be there. 0 where it is wrong.</summary>
    public long Integer(string name, long least = 1, long most = int.MaxValue)
    {
        var text = Text(name);
        if (text.Length == 0)
        {
            return 0;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            Wrong(name, "A valid integer is required.");
            return 0;
        }

        if (number < least || number > most)
        {
            Wrong(name, number < least ? $"Ensure this value is greater than or equal to {least}." : $"Ensure this value is less than or equal to {most}.");
        }

        return number;
    }

    /// <summary>An amount of money: a decimal as text or number with at most two places, at least <paramref name="least"/>. 0 where it is wrong.</summary>
    /// <param name="name">The field.</param>
    /// <param name="digits">Digits in all, the two places included.</param>
    /// <param name="least">Never below 0.01: nothing moves for nothing, and nothing backwards.</param>
    public decimal Amount(string name, int digits = 12, decimal least = 0.01m)
    {
        var text = Text(name);
        if (text.Length == 0)
        {
            return 0;
        }

        const NumberStyles plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (text.Length > 40 || !decimal.TryParse(text, plain, CultureInfo.InvariantCulture, out var amount))
        {
            Wrong(name, "A valid number is required.");
            return 0;
        }

        if (decimal.Round(amount, 2) != amount)
        {
            Wrong(name, "Ensure that there are no more than 2 decimal places.");
        }
        else if (Math.Abs(amount) >= TenTo(digits - 2))
        {
            Wrong(name, $"Ensure that there are no more than {digits} digits in total.");
        }
        else if (amount < least)
        {
            Wrong(name, string.Create(CultureInfo.InvariantCulture, $"Ensure this value is greater than or equal to {least}."));
        }

        return amount;
    }

    /// <summary>A file that must be there and not empty; null where it is wrong.</summary>
    public EdgeFile? File(string name)
    {
        if (!files.TryGetValue(name, out var file))
        {
            Wrong(name, Has(name) ? "The submitted data was not a file. Check the encoding type on the form." : "No file was submitted.");
        }
        else if (file.Content.Length == 0)
        {
            Wrong(name, "The submitted file is empty.");
        }

        return file is { Content.Length: > 0 } ? file : null;
    }

    private static decimal TenTo(int power) => power == 0 ? 1 : 10 * TenTo(power - 1);

    private static string? Plain(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };

    private async Task ReadJsonAsync(HttpRequest request, CancellationToken cancel)
    {
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, cancel);
        if (bytes.Length == 0)
        {
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw PlatformRefusals.InvalidRequest.Field("body", "Invalid data. Expected a dictionary.");
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind == JsonValueKind.String)
                {
                    _ = property.Value.GetString(); // half a surrogate pair is no text, and says so here
                }

                if (property.Value.ValueKind != JsonValueKind.Null)
                {
                    fields[property.Name] = property.Value.Clone();
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw PlatformRefusals.InvalidRequest.With("JSON parse error.");
        }
    }

    private async Task ReadFormAsync(HttpRequest request, CancellationToken cancel)
    {
        IFormCollection form;
        try
        {
            // As large as the route allows, and never on the disk.
            form = await request.ReadFormAsync(new() { ValueCountLimit = MostFields, MemoryBufferThreshold = int.MaxValue }, cancel);
        }
        catch (InvalidDataException)
        {
            throw PlatformRefusals.InvalidRequest.With("Multipart form parse error.");
        }

        foreach (var (name, values) in form)
        {
            fields[name] = JsonSerializer.SerializeToElement(values.Count > 0 ? values[^1] : ""); // the last one counts, as in Django
        }

        foreach (var file in form.Files)
        {
            var content = new byte[file.Length];
            await using var stream = file.OpenReadStream();
            await stream.ReadExactlyAsync(content, cancel);
            files[file.Name] = new EdgeFile(file.FileName, file.ContentType ?? "", content);
        }
    }
}
