using System.Globalization;
using System.Text.Json;
using Florin.Identity;
using Florin.Money;
using Florin.Platform;

namespace Florin.Notifications;

/// <summary>Something that one person is to be told.</summary>
/// <param name="Cause">What happened, the same however often it is delivered: <c>payments.completed:pay_…</c></param>
/// <param name="Person">Who.</param>
/// <param name="Template">In which words.</param>
/// <param name="Values">What the words need; asked only for somebody who is told.</param>
internal sealed record Notice(string Cause, Guid Person, string Template, Func<IReadOnlyDictionary<string, string>> Values);

/// <summary>Reads payloads of events without demanding anything of them: what is missing or of another kind is null.</summary>
internal static class EventPayloads
{
    /// <summary>The payload; an empty object where it is none.</summary>
    public static JsonElement Open(StoredEvent happened)
    {
        using var payload = JsonDocument.Parse(happened.Payload); // the column is jsonb: it is JSON
        return payload.RootElement.Clone();
    }

    /// <summary>A member that is an object.</summary>
    public static JsonElement? Part(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.Object ? part : null;

    /// <summary>A member that is text.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    /// <summary>A member that is an amount, as people read it: <c>12.34 KZT</c>.</summary>
    public static string? Money(this JsonElement json, string name) =>
        json.Part(name) is { } money
        && Currency.TryParse(money.Text("currency"), out var currency)
        && Amount.TryParse(money.Text("amount"), currency, out var amount)
            ? amount.ToString()
            : null;

    /// <summary>A member that is a person's id.</summary>
    public static Guid? Person(this JsonElement json, string name) => Ids.TryRead(Identity.Person.Prefix, json.Text(name), out var person) ? person : null;

    /// <summary>A member that is a time, as people read it.</summary>
    public static string? Time(this JsonElement json, string name) =>
        DateTimeOffset.TryParse(json.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? SecurityNotices.Show(time)
            : null;

    /// <summary>The values that there are.</summary>
    public static Dictionary<string, string> Values(params IEnumerable<(string Name, string? Value)> values) =>
        values.Where(one => one.Value is not null).ToDictionary(one => one.Name, one => one.Value!, StringComparer.Ordinal);
}
