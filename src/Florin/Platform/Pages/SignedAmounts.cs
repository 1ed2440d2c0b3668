using System.Text.Json;
using System.Text.Json.Serialization;
using Florin.Money;

namespace Florin.Platform.Pages;

/// <summary>Reads amounts as routes answer them: entries and totals may be below zero, which no request may be.</summary>
internal sealed class SignedAmounts : JsonConverter<Amount>
{
    private sealed record Parts(string Amount, Currency Currency);

    public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var parts = JsonSerializer.Deserialize<Parts>(ref reader, Wire.Json)!;
        var negative = parts.Amount is ['-', ..];
        return Amount.TryParse(negative ? parts.Amount[1..] : parts.Amount, parts.Currency, out var amount)
            ? amount with
            {
                Minor = negative ? -amount.Minor : amount.Minor,
            }
            : throw new JsonException("is no amount");
    }

    public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value, Wire.Json);
}
