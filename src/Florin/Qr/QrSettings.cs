using Florin.Platform;

namespace Florin.Qr;

/// <summary>What the person who runs Florin sets for QR codes.</summary>
internal sealed record QrSettings
{
    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">A value is malformed.</exception>
    public QrSettings(Settings settings)
    {
        PublicUrl = settings.PublicUrl;
        Format = settings.Text("FLORIN_QR_FORMAT", QrPayloads.UrlFormat);
        Country = settings.Text("FLORIN_QR_COUNTRY", "KZ");
        City = settings.Text("FLORIN_QR_CITY", "Almaty");
        Category = settings.Text("FLORIN_QR_CATEGORY", "5999");
        Currency = settings.DefaultCurrency;
        Demand(Format is QrPayloads.UrlFormat or QrPayloads.EmvFormat, "FLORIN_QR_FORMAT must be url or emvco");
        Demand(Country.Length == 2 && Country.All(char.IsAsciiLetterUpper), "FLORIN_QR_COUNTRY must be a country code of ISO 3166-1 such as KZ");
        Demand(City.Length is > 0 and <= 15 && City.All(QrPayloads.IsCommon), "FLORIN_QR_CITY must be 1 to 15 ASCII characters");
        Demand(Category.Length == 4 && Category.All(char.IsAsciiDigit), "FLORIN_QR_CATEGORY must be four digits of ISO 18245");
    }

    /// <summary>The address that payers reach.</summary>
    public string PublicUrl { get; }

    /// <summary><c>FLORIN_QR_FORMAT</c>: <c>url</c> or <c>emvco</c>, where a request does not say.</summary>
    public string Format { get; }

    /// <summary><c>FLORIN_QR_COUNTRY</c>: where the merchants are, ISO 3166-1 alpha-2.</summary>
    public string Country { get; }

    /// <summary><c>FLORIN_QR_CITY</c>: 1 to 15 ASCII characters.</summary>
    public string City { get; }

    /// <summary><c>FLORIN_QR_CATEGORY</c>: the merchant category code, ISO 18245.</summary>
    public string Category { get; }

    /// <summary>The currency of codes that name no amount.</summary>
    public Money.Currency Currency { get; }

    private static void Demand(bool good, string otherwise)
    {
        if (!good)
        {
            throw new FormatException(otherwise);
        }
    }
}
