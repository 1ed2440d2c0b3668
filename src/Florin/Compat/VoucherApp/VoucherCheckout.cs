using System.Text.Json;
using System.Text.Json.Serialization;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat.VoucherApp;

/// <summary>What a client of seed 2 wants to buy.</summary>
/// <param name="Type">Our id of the type.</param>
/// <param name="Quantity">1 to 10.</param>
/// <param name="Discount">A discount's code.</param>
/// <param name="Currency">One that the type has a price in; null for its usual one.</param>
internal sealed record OldOrder(string Type, int Quantity, string? Discount, string? Currency)
{
    /// <summary>Reads it from a request.</summary>
    public static async Task<OldOrder> ReadAsync(EdgeBody body, CompatIds ids, CancellationToken cancel)
    {
        var number = body.Integer("voucher_type_id", most: long.MaxValue);
        var quantity = body.Has("quantity") ? (int)body.Integer("quantity", 1, 10) : 1;
        var discount = body.TextOrNull("discount_code", 50);
        var currency = body.TextOrNull("currency", 3)?.ToUpperInvariant();
        var type = await OldVoucherType.FindAsync(number, ids, cancel);
        if (type is null && number > 0)
        {
            body.Wrong("voucher_type_id", "Invalid voucher type or voucher type is not active.");
        }

        body.Check();
        return new OldOrder(type!, quantity, string.IsNullOrEmpty(discount) ? null : discount, string.IsNullOrEmpty(currency) ? null : currency);
    }
}

/// <summary>A payment that buys vouchers, as <c>/v1</c> keeps what it buys.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record BoughtVouchers(string Type, string Code, string Name, string ServiceType, int Quantity, Amount Price, BoughtVouchers.Taken? Discount)
{
    /// <summary>What a discount took off the whole.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    public sealed record Taken(string Code, Amount Off);

    /// <summary>Reads a payment's subject.</summary>
    public static BoughtVouchers Of(PaymentView payment) => payment.Subject.Deserialize<BoughtVouchers>(Wire.Json)!;
}

/// <summary>Buys vouchers through <c>/v1/payments</c>.</summary>
internal static class VoucherCheckout
{
    /// <summary>Makes the payment, which has the price and takes the discount.</summary>
    public static async Task<PaymentView> CreateAsync(EdgeApi api, OldOrder order)
    {
        var subject = new
        {
            order.Type,
            order.Quantity,
            order.Discount,
            order.Currency,
        };
        // For the buyer alone, who finds it in their history before it is paid.
        var wish = new
        {
            purpose = "voucher",
            subject,
            payer = api.Person,
        };
        try
        {
            return await api.SendAsync<PaymentView>("POST", "/v1/payments", wish, step: "create");
        }
        catch (PageRefusal refusal) when (refusal.Code is "discount_not_valid" or "discount_used_up")
        {
            throw PlatformRefusals.InvalidRequest.Field("discount_code", "Invalid or expired discount code.");
        }
        catch (PageRefusal refusal) when (refusal.Code is "voucher_type_not_sold" or "not_found")
        {
            throw PlatformRefusals.InvalidRequest.Field("voucher_type_id", "Invalid voucher type or voucher type is not active.");
        }
        catch (PageRefusal refusal) when (refusal.Code is "voucher_not_priced")
        {
            throw PlatformRefusals.InvalidRequest.Field("currency", "This voucher has no price in that currency.");
        }
    }
}
