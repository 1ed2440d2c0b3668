using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Florin.Money;

/// <summary>An ISO 4217 currency. Instances are shared, so two of one code are the same object.</summary>
[JsonConverter(typeof(CurrencyJsonConverter))]
public sealed class Currency
{
    // ISO 4217 (2024): minor-unit digits other than two. Every other code of the list has two.
    private const string NoMinorUnit = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
    private const string ThreeDigits = "BHD IQD JOD KWD LYD OMR TND";
    private const string FourDigits = "CLF UYW";

    private const string TwoDigits =
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK "
        + "DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
        + "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON "
        + "RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST "
        + "XCD YER ZAR ZMW ZWG";

    private static readonly FrozenDictionary<string, Currency> All = List(NoMinorUnit, 0)
        .Concat(List(TwoDigits, 2))
        .Concat(List(ThreeDigits, 3))
        .Concat(List(FourDigits, 4))
        .ToFrozenDictionary(c => c.Code, StringComparer.Ordinal);

    private Currency(string code, int digits)
    {
        Code = code;
        Digits = digits;
        for (var i = 0; i < digits; i++)
        {
            MinorPerMajor *= 10;
        }
    }

    /// <summary>The three-letter code in upper case, such as <c>KZT</c>.</summary>
    public string Code { get; }

    /// <summary>Digits after the point: 0 to 4, as ISO 4217 gives them.</summary>
    public int Digits { get; }

    /// <summary>Minor units in one major unit: 10 to the power of <see cref="Digits"/>.</summary>
    public long MinorPerMajor { get; } = 1;

    /// <summary>The currency of a code that is known to be valid, such as one read from the database.</summary>
    /// <exception cref="FormatException">No ISO 4217 currency has this code.</exception>
    public static Currency Of(string code) => TryParse(code, out var currency) ? currency : throw new FormatException($"no such currency: {code}");

    /// <summary>Finds a currency by its upper-case code.</summary>
    public static bool TryParse([NotNullWhen(true)] string? code, [NotNullWhen(true)] out Currency? currency)
    {
        currency = null;
        return code is not null && All.TryGetValue(code, out currency);
    }

    /// <summary>The code.</summary>
    public override string ToString() => Code;

    private static IEnumerable<Currency> List(string codes, int digits) => codes.Split(' ').Select(code => new Currency(code, digits));
}

internal sealed class CurrencyJsonConverter : JsonConverter<Currency>
{
    public override Currency Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Currency.TryParse(reader.GetString(), out var currency)
            ? currency
            : throw new JsonException("must be the three-letter upper-case code of an ISO 4217 currency");

    public override void Write(Utf8JsonWriter writer, Currency value, JsonSerializerOptions options) => writer.WriteStringValue(value.Code);
}
