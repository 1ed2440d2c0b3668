using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Florin.Money;

/// <summary>Money: a whole number of minor units of one currency. On the wire <c>{"amount": "12.34", "currency": "KZT"}</c>.</summary>
/// <param name="Minor">Minor units, such as tiyn or cents. May be negative in balances.</param>
/// <param name="Currency">The currency of those units.</param>
[JsonConverter(typeof(AmountJsonConverter))]
public readonly record struct Amount(long Minor, Currency Currency)
{
    /// <summary>The largest amount of one move, in minor units (10^15). Nine thousand of them still add up within a <c>long</c>.</summary>
    public const long MaxMinor = 1_000_000_000_000_000;

    /// <summary>Reads a decimal with exactly the currency's digits: <c>12.34</c>; no exponent, sign, blank or thousands mark.</summary>
    /// <returns>False where the text is not such a decimal or is above <see cref="MaxMinor"/>. Zero is read; whether it may be paid is the caller's rule.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, Currency currency, out Amount amount)
    {
        amount = new Amount(0, currency);
        if (text is null || text.Length is 0 or > 20)
        {
            return false;
        }

        var point = text.IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? 0 : text.Length - point - 1;
        if (fraction != currency.Digits || point == 0 || (point > 0 && fraction == 0))
        {
            return false;
        }

        long minor = 0;
        foreach (var c in text)
        {
            if (c == '.')
            {
                continue;
            }

            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            minor = (minor * 10) + (c - '0');
            if (minor > MaxMinor)
            {
                return false;
            }
        }

        var whole = point < 0 ? text.Length : point;
        if (text.IndexOf('.', point + 1) >= 0 && point >= 0 || (text[0] == '0' && whole > 1))
        {
            return false;
        }

        amount = new Amount(minor, currency);
        return true;
    }

    /// <summary>The decimal with exactly the currency's digits, as <see cref="TryParse"/> reads it, with a minus sign below zero.</summary>
    public string ToDecimalString()
    {
        if (Currency.Digits == 0)
        {
            return Minor.ToString(CultureInfo.InvariantCulture);
        }

        var magnitude = Minor < 0 ? (UInt128)(-(Int128)Minor) : (UInt128)Minor;
        var unit = (UInt128)Currency.MinorPerMajor;
        var whole = ((ulong)(magnitude / unit)).ToString(CultureInfo.InvariantCulture);
        var fraction = ((ulong)(magnitude % unit)).ToString(CultureInfo.InvariantCulture).PadLeft(Currency.Digits, '0');
        return $"{(Minor < 0 ? "-" : "")}{whole}.{fraction}";
    }

    /// <summary>Amount and code, such as <c>12.34 KZT</c>.</summary>
    public override string ToString() => $"{ToDecimalString()} {Currency.Code}";
}

internal sealed class AmountJsonConverter : JsonConverter<Amount>
{
    public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("""must be an object such as {"amount": "12.34", "currency": "KZT"}""");
        }

        string? text = null;
        Currency? currency = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("amount"u8) && text is null)
            {
                reader.Read();
                text =
                    reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException("amount must be a decimal string, never a number");
            }
            else if (reader.ValueTextEquals("currency"u8) && currency is null)
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String || !Currency.TryParse(reader.GetString(), out currency))
                {
                    throw new JsonException("currency must be the three-letter upper-case code of an ISO 4217 currency");
                }
            }
            else
            {
                throw new JsonException("has an unknown or repeated field; only amount and currency are allowed");
            }
        }

        if (text is null || currency is null)
        {
            throw new JsonException("needs both amount and currency");
        }

        return Amount.TryParse(text, currency, out var amount)
            ? amount
            : throw new JsonException(
                $"amount must be a plain decimal with exactly {currency.Digits} digits after the point for {currency.Code}, at most 10^15 minor units"
            );
    }

    public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("amount"u8, value.ToDecimalString());
        writer.WriteString("currency"u8, value.Currency.Code);
        writer.WriteEndObject();
    }
}
