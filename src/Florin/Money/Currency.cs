using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Florin.Money;

/// <summary>An ISO 4217 currency. Instances are shared, so two of one code are the same object.</summary>
[JsonConverter(typeof(CurrencyJsonConverter))]
public sealed class Currency
{
    // ISO 4217 (2024): code and number of each currency, by its minor-unit digits.
    private const string NoMinorUnit = "BIF108 CLP152 DJF262 GNF324 ISK352 JPY392 KMF174 KRW410 PYG600 RWF646 UGX800 UYI940 VND704 VUV548 XAF950 XOF952 XPF953";
    private const string ThreeDigits = "BHD048 IQD368 JOD400 KWD414 LYD434 OMR512 TND788";
    private const string FourDigits = "CLF990 UYW927";

    private const string TwoDigits =
        "AED784 AFN971 ALL008 AMD051 ANG532 AOA973 ARS032 AUD036 AWG533 AZN944 BAM977 BBD052 BDT050 BGN975 BMD060 BND096 BOB068 BRL986 "
        + "BSD044 BTN064 BWP072 BYN933 BZD084 CAD124 CDF976 CHF756 CNY156 COP170 CRC188 CUP192 CVE132 CZK203 DKK208 DOP214 DZD012 EGP818 "
        + "ERN232 ETB230 EUR978 FJD242 FKP238 GBP826 GEL981 GHS936 GIP292 GMD270 GTQ320 GYD328 HKD344 HNL340 HTG332 HUF348 IDR360 ILS376 "
        + "INR356 IRR364 JMD388 KES404 KGS417 KHR116 KPW408 KYD136 KZT398 LAK418 LBP422 LKR144 LRD430 LSL426 MAD504 MDL498 MGA969 MKD807 "
        + "MMK104 MNT496 MOP446 MRU929 MUR480 MVR462 MWK454 MXN484 MYR458 MZN943 NAD516 NGN566 NIO558 NOK578 NPR524 NZD554 PAB590 PEN604 "
        + "PGK598 PHP608 PKR586 PLN985 QAR634 RON946 RSD941 RUB643 SAR682 SBD090 SCR690 SDG938 SEK752 SGD702 SHP654 SLE925 SOS706 SRD968 "
        + "SSP728 STN930 SVC222 SYP760 SZL748 THB764 TJS972 TMT934 TOP776 TRY949 TTD780 TWD901 TZS834 UAH980 USD840 UYU858 UZS860 VED926 "
        + "VES928 WST882 XCD951 YER886 ZAR710 ZMW967 ZWG924";

    private static readonly FrozenDictionary<string, Currency> All = List(NoMinorUnit, 0)
        .Concat(List(TwoDigits, 2))
        .Concat(List(ThreeDigits, 3))
        .Concat(List(FourDigits, 4))
        .ToFrozenDictionary(c => c.Code, StringComparer.Ordinal);

    private Currency(string code, string number, int digits)
    {
        Code = code;
        Number = number;
        Digits = digits;
        for (var i = 0; i < digits; i++)
        {
            MinorPerMajor *= 10;
        }
    }

    /// <summary>The three-letter code in upper case, such as <c>KZT</c>.</summary>
    public string Code { get; }

    /// <summary>The three digits that ISO 4217 gives it besides, such as <c>398</c>.</summary>
    public string Number { get; }

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

    private static IEnumerable<Currency> List(string codes, int digits) => codes.Split(' ').Select(one => new Currency(one[..3], one[3..], digits));
}

internal sealed class CurrencyJsonConverter : JsonConverter<Currency>
{
    public override Currency Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Currency.TryParse(reader.GetString(), out var currency)
            ? currency
            : throw new JsonException("must be the three-letter upper-case code of an ISO 4217 currency");

    public override void Write(Utf8JsonWriter writer, Currency value, JsonSerializerOptions options) => writer.WriteStringValue(value.Code);
}
