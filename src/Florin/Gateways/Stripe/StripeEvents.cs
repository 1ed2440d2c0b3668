using System.Text.Json;

namespace Florin.Gateways.Stripe;

/// <summary>Reads which charge or refund of ours one of Stripe's events is about; nothing else of it is believed.</summary>
internal static class StripeEvents
{
    /// <summary>A payer disputes a charge.</summary>
    public const string Disputed = "charge.dispute.created";

    /// <summary>What an authentic body says.</summary>
    public static Arrival Read(byte[] body)
    {
        JsonElement json;
        try
        {
            json = JsonSerializer.Deserialize<JsonElement>(body);
        }
        catch (JsonException)
        {
            return new Arrival(StripeGateway.MethodName, null, "unreadable", body) { Ignored = true };
        }

        var kind = StripeReports.Text(json, "type") ?? "unreadable";
        var about = StripeReports.Property(StripeReports.Property(json, "data"), "object");
        var metadata = StripeReports.Property(about, "metadata");
        var isRefund = kind.StartsWith("refund.", StringComparison.Ordinal) || kind is "charge.refund.updated";
        var isIntent = kind.StartsWith("payment_intent.", StringComparison.Ordinal);
        var isCharge = kind is "charge.refunded" || kind.StartsWith("charge.dispute.", StringComparison.Ordinal);
        return new Arrival(StripeGateway.MethodName, StripeReports.Text(json, "id"), kind, body)
        {
            Ignored = !isRefund && !isIntent && !isCharge,
            Disputes = kind is Disputed,
            Attempt = Read(metadata, "attempt"),
            Refund = isRefund ? Read(metadata, "refund") : null,
            Reference = isIntent ? StripeReports.Text(about, "id") : StripeReports.Text(about, "payment_intent"),
        };
    }

    private static Guid? Read(JsonElement metadata, string name) => Guid.TryParseExact(StripeReports.Text(metadata, name), "N", out var id) ? id : null;
}
