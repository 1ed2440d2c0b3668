using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Shops;

namespace Florin.Qr;

/// <summary>
/// <c>GET /v1/qr/verify?payload=</c>: whether a code that a payer scanned is one of ours and unchanged, and whom it pays by our own books. So a sticker that
/// somebody put over another is noticed, whatever name is printed on it.
/// </summary>
internal static class VerifyQr
{
    private const int LongestPayload = 1000;

    /// <param name="Verified">Whether it is ours, and everything in it is as we made it.</param>
    /// <param name="Kind"><c>payment</c>, <c>shop</c>, or null where it is none of ours.</param>
    /// <param name="Code">The payment's or the shop's code.</param>
    /// <param name="PayeeName">Who is paid, as we know them; not as the code says.</param>
    /// <param name="Amount">What is to be paid, as we know it; null of a shop.</param>
    /// <param name="Page">Where the payer pays it here, as a path; the page warns where the code is not verified. Null where it is none of ours.</param>
    public sealed record Response(bool Verified, string? Kind, string? Code, string? PayeeName, Amount? Amount, string? Page);

    // No signature looks like it: the page warns.
    private const string Unsigned = "-";

    private sealed record Scanned(string Kind, string Code, string? Signature, string? AmountText = null, string? Currency = null);

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/verify", HandleAsync).AllowAnonymous().Produces<Response>();

    private static async Task<IResult> HandleAsync(
        string payload,
        QrSettings settings,
        PaymentFacts payments,
        ShopFront shops,
        PaySignatures signatures,
        CancellationToken cancel
    )
    {
        if (payload.Length > LongestPayload)
        {
            throw PlatformRefusals.InvalidRequest.Field("payload", $"must have at most {LongestPayload} characters");
        }

        if (Read(payload, settings.PublicUrl) is not { } scanned)
        {
            return Results.Json(new Response(false, null, null, null, null, null), Wire.Json);
        }

        try
        {
            if (scanned.Kind is "shop")
            {
                var shop = await shops.FindAsync(scanned.Code, cancel);
                var right = signatures.IsRightStanding(shop.Code, scanned.Signature) && scanned.AmountText is null;
                var sign = $"/pay-anyone/{shop.Code}?s={(right ? scanned.Signature : Unsigned)}";
                return Results.Json(new Response(right, scanned.Kind, shop.Code, shop.Name, null, sign), Wire.Json);
            }

            var payment = await payments.NamedAsync(scanned.Code, cancel);
            var verified = signatures.IsRight(payment, scanned.Signature) && SaysTheSame(scanned, payment.Amount);
            var page = $"/pay/{payment.Code}?s={(verified ? scanned.Signature : Unsigned)}";
            return Results.Json(new Response(verified, scanned.Kind, payment.Code, payment.PayeeName, payment.Amount, page), Wire.Json);
        }
        catch (Refusal refusal) when (refusal.Reason == PlatformRefusals.NotFound)
        {
            return Results.Json(new Response(false, null, null, null, null, null), Wire.Json);
        }
    }

    // An address says no amount; an EMVCo code must say ours.
    private static bool SaysTheSame(Scanned scanned, Amount amount) =>
        scanned.Currency is null
        || string.Equals(scanned.Currency, amount.Currency.Number, StringComparison.Ordinal)
            && string.Equals(scanned.AmountText, amount.ToDecimalString(), StringComparison.Ordinal);

    private static Scanned? Read(string payload, string publicUrl) =>
        EmvCode.TryRead(payload, out var fields) ? ReadEmv(fields)
        : payload.StartsWith(publicUrl + "/", StringComparison.Ordinal) ? ReadUrl(payload[(publicUrl.Length + 1)..])
        : null;

    private static Scanned? ReadUrl(string rest)
    {
        var kind =
            rest.StartsWith("pay/", StringComparison.Ordinal) ? "payment"
            : rest.StartsWith("pay-anyone/", StringComparison.Ordinal) ? "shop"
            : null;
        var parts = rest[(rest.IndexOf('/', StringComparison.Ordinal) + 1)..].Split("?s=");
        return kind is not null && parts is [{ Length: 22 } code, ..] ? new Scanned(kind, code, parts.Length == 2 ? parts[1] : null) : null;
    }

    private static Scanned? ReadEmv(IReadOnlyList<EmvField> fields)
    {
        foreach (var field in fields.Where(one => string.CompareOrdinal(one.Id, EmvCode.Unreserved) >= 0))
        {
            if (
                EmvCode.TryReadTemplate(field.Value, out var ours)
                && string.Equals(ours.Value(EmvCode.UniqueId), QrPayloads.UniqueId, StringComparison.Ordinal)
                && (ours.Value(QrPayloads.PaymentCode) ?? ours.Value(QrPayloads.ShopCode)) is { Length: 22 } code
            )
            {
                var kind = ours.Value(QrPayloads.PaymentCode) is null ? "shop" : "payment";
                var amount = fields.Value(EmvCode.Amount);
                return new Scanned(kind, code, ours.Value(QrPayloads.Signature), amount, fields.Value(EmvCode.Currency) ?? "");
            }
        }

        return null;
    }
}
