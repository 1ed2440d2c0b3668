using System.Text.Json;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Vouchers;

/// <summary>What a payment buys, as it stands in its subject: fixed when the payment was made, whatever becomes of type and discount.</summary>
/// <param name="Type"><c>vty_…</c></param>
/// <param name="Code">The type's name for programs.</param>
/// <param name="Name">As the buyer read it.</param>
/// <param name="ServiceType">The service that it pays for.</param>
/// <param name="Quantity">How many vouchers, 1 to 10.</param>
/// <param name="Uses">How often each can be redeemed.</param>
/// <param name="ValidityDays">How long each is good from its sale.</param>
/// <param name="Price">Of one, before any discount.</param>
/// <param name="Discount">What makes it cheaper; null for nothing.</param>
/// <param name="GiftTo">The number of a wallet whose owner gets the vouchers; null for whoever bought them.</param>
internal sealed record VoucherOrder(
    string Type,
    string Code,
    string Name,
    string ServiceType,
    int Quantity,
    int Uses,
    int ValidityDays,
    Amount Price,
    DiscountTaken? Discount,
    string? GiftTo
)
{
    /// <summary>Reads what a payment keeps.</summary>
    public static VoucherOrder Of(PaymentFact payment) => JsonSerializer.Deserialize<VoucherOrder>(payment.Subject, Wire.Json)!;

    /// <summary>The type's id.</summary>
    public Guid TypeId => Ids.Read(VoucherType.Prefix, Type);
}

/// <summary>A discount on a purchase.</summary>
/// <param name="Id"><c>vds_…</c></param>
/// <param name="Code">As the buyer typed it.</param>
/// <param name="Off">What it took off the whole.</param>
internal sealed record DiscountTaken(string Id, string Code, Amount Off);

/// <summary>What a buyer asks for, as it stands in the subject of <c>POST /v1/payments</c>.</summary>
internal sealed record VoucherWish(Guid Type, int Quantity, Currency? Currency, string? Discount, string? GiftTo)
{
    private const int MostAtOnce = 10;

    /// <summary>Reads it.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static VoucherWish Of(PaymentOrder order)
    {
        if (order.Amount is not null)
        {
            throw PlatformRefusals.InvalidRequest.Field("amount", "is left out: vouchers have a price");
        }

        var type = order.Id("type", VoucherType.Prefix);
        var subject = order.Subject!.Value;
        var code = Text(subject, "currency");
        return new VoucherWish(
            type,
            QuantityOf(subject),
            code is null ? null
                : Currency.TryParse(code, out var currency) ? currency
                : throw PlatformRefusals.InvalidRequest.Field("subject.currency", "must be the code of a currency"),
            Text(subject, "discount"),
            Text(subject, "gift_to")
        );
    }

    private static int QuantityOf(JsonElement subject) =>
        !subject.TryGetProperty("quantity", out var member) || member.ValueKind == JsonValueKind.Null ? 1
        : member.ValueKind == JsonValueKind.Number && member.TryGetInt32(out var quantity) && quantity is >= 1 and <= MostAtOnce ? quantity
        : throw PlatformRefusals.InvalidRequest.Field("subject.quantity", $"must be a whole number from 1 to {MostAtOnce}");

    private static string? Text(JsonElement subject, string member) =>
        !subject.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : TryText(value) is { Length: > 0 and <= 100 } text ? text
        : throw PlatformRefusals.InvalidRequest.Field("subject." + member, "must be a text of 1 to 100 characters");

    private static string? TryText(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair
        }
    }
}
