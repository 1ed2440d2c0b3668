using System.Globalization;
using System.Text;
using Florin.Payments;
using Florin.Platform;
using Florin.Shops;

namespace Florin.Qr;

/// <summary>What stands in QR codes: an address of the payer's page, or an EMVCo code. Both carry the code and a signature of ours.</summary>
internal sealed class QrPayloads(QrSettings settings, PaySignatures signatures)
{
    /// <summary>An address.</summary>
    public const string UrlFormat = "url";

    /// <summary>An EMVCo merchant-presented code.</summary>
    public const string EmvFormat = "emvco";

    /// <summary>Marks the templates in EMVCo codes that are Florin's: a UUID without its hyphens, as EMVCo wants it.</summary>
    public const string UniqueId = "7f1e0a5c64d94e0b8c3a52d9b16f4e07";

    /// <summary>In our template: the payment's code.</summary>
    public const string PaymentCode = "01";

    /// <summary>In our template: the signature.</summary>
    public const string Signature = "02";

    /// <summary>In our template: the shop's code, where the code is a shop's.</summary>
    public const string ShopCode = "03";

    private const int LongestName = 25;
    private const string ForMany = "11";
    private const string ForOne = "12";

    /// <summary>Whether a character stands in the common set of EMVCo: printable ASCII.</summary>
    public static bool IsCommon(char c) => c is >= ' ' and <= '~';

    /// <summary>The code of one payment.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="format"><c>url</c> or <c>emvco</c>; null for the setting's.</param>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public string Of(PaymentFact payment, string? format)
    {
        var signature = signatures.Of(payment);
        return Choose(format) is UrlFormat
            ? $"{settings.PublicUrl}/pay/{payment.Code}?s={signature}"
            : Emv(
                ForOne,
                payment.PayeeName,
                payment.Amount.Currency,
                payment.Amount.ToDecimalString(),
                payment.Payee.ToString("N"),
                payment.Code,
                [new(PaymentCode, payment.Code), new(Signature, signature)]
            );
    }

    /// <summary>The code of a shop, at which the payer says the amount.</summary>
    /// <param name="shop">The shop.</param>
    /// <param name="format"><c>url</c> or <c>emvco</c>; null for the setting's.</param>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public string Of(ShopSign shop, string? format)
    {
        var signature = signatures.OfStanding(shop.Code);
        return Choose(format) is UrlFormat
            ? $"{settings.PublicUrl}/pay-anyone/{shop.Code}?s={signature}"
            : Emv(ForMany, shop.Name, settings.Currency, null, shop.Id.ToString("N"), shop.Code, [new(ShopCode, shop.Code), new(Signature, signature)]);
    }

    private string Choose(string? format) =>
        (format ?? settings.Format) switch
        {
            UrlFormat => UrlFormat,
            EmvFormat => EmvFormat,
            _ => throw PlatformRefusals.InvalidRequest.Field("payload", "must be url or emvco"),
        };

    private string Emv(string initiation, string name, Money.Currency currency, string? amount, string account, string reference, EmvField[] ours)
    {
        var fields = new List<EmvField>
        {
            new(EmvCode.Format, "01"),
            new(EmvCode.Initiation, initiation),
            new(EmvCode.MerchantAccount, EmvCode.Template(new EmvField(EmvCode.UniqueId, UniqueId), new EmvField("01", account))),
            new(EmvCode.Category, settings.Category),
            new(EmvCode.Currency, currency.Number),
        };
        if (amount is not null)
        {
            fields.Add(new(EmvCode.Amount, amount));
        }

        fields.AddRange([
            new(EmvCode.Country, settings.Country),
            new(EmvCode.MerchantName, Common(name)),
            new(EmvCode.MerchantCity, settings.City),
            new(EmvCode.AdditionalData, EmvCode.Template(new EmvField(EmvCode.ReferenceLabel, reference))),
            new(EmvCode.Unreserved, EmvCode.Template([new EmvField(EmvCode.UniqueId, UniqueId), .. ours])),
        ]);
        return EmvCode.Write(fields);
    }

    // EMVCo's name takes printable ASCII only: accents are left off, and a name in another script is called a merchant. We show the name ourselves.
    private static string Common(string name)
    {
        var plain = name.Normalize(NormalizationForm.FormD)
            .Where(c => IsCommon(c) || CharUnicodeInfo.GetUnicodeCategory(c) is not UnicodeCategory.NonSpacingMark)
            .ToArray();
        var text = new string(plain).Trim();
        return text.Length == 0 || !text.All(IsCommon) ? "Merchant" : text[..Math.Min(text.Length, LongestName)];
    }
}
