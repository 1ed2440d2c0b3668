using System.Text.Json;
using Florin.Payments;

namespace Florin.Gateways.Stripe;

/// <summary>What Stripe's answers mean. Pure.</summary>
internal static class StripeReports
{
    private const string Generic = "The card gateway declined the payment.";

    /// <summary>What an intent says. Null where the answer is none that is understood.</summary>
    public static GatewayReport? OfIntent(JsonElement intent, string publishableKey)
    {
        if (Text(intent, "id") is not { } id)
        {
            return null;
        }

        var known = new GatewayReport(ChargeState.Waiting) { Reference = id };
        switch (Text(intent, "status"))
        {
            case "succeeded":
                return Received(intent) is { } received ? known with { State = ChargeState.Captured, Captured = received } : null;
            case "canceled":
                return known with { State = ChargeState.Cancelled };
            case "processing" or "requires_capture":
                return known; // the bank's turn; we never ask for a capture of our own
            case "requires_payment_method" or "requires_confirmation" or "requires_action":
                // After a declined card the payer may try another one with the same intent, so it is not over: it waits, and says what was wrong.
                var error = Property(intent, "last_payment_error");
                return known with
                {
                    Next = Text(intent, "client_secret") is { } secret ? new NextAction("stripe", ClientSecret: secret, PublishableKey: publishableKey) : null,
                    FailureCode = CodeOf(error),
                    FailureText = Text(error, "message"),
                };
            default:
                return null;
        }
    }

    /// <summary>What an answer other than success says of a charge that was to begin. Null where the charge may have begun all the same.</summary>
    public static GatewayReport? OfRefusedStart(GatewayAnswer answer)
    {
        var error = Property(answer.Json, "error");
        var type = Text(error, "type");
        return answer.Status switch
        {
            _ when type is null => null, // not Stripe's own words: a proxy's, say
            400 when type is "idempotency_error" => null, // another request had this key: ours is there, or somebody's
            402 => Failed(CodeOf(error), Text(error, "message")),
            400 or 404 => Failed(CodeOf(error) ?? type, Text(error, "message")),
            401 or 403 => Failed("gateway_refuses_us", Generic),
            _ => null,
        };
    }

    /// <summary>What a refund says.</summary>
    public static RefundReport OfRefund(JsonElement refund) =>
        Text(refund, "id") is not { } id
            ? new RefundReport(RefundState.Unknown)
            : Text(refund, "status") switch
            {
                "succeeded" => new RefundReport(RefundState.Completed, id),
                "pending" or "requires_action" => new RefundReport(RefundState.Pending, id),
                "failed" or "canceled" => new RefundReport(RefundState.Failed, id, Text(refund, "failure_reason") ?? Text(refund, "status")),
                _ => new RefundReport(RefundState.Unknown, id),
            };

    /// <summary>What an answer other than success says of a refund.</summary>
    public static RefundReport OfRefusedRefund(GatewayAnswer answer)
    {
        var error = Property(answer.Json, "error");
        return answer.Status is 400 or 402 or 404 && Text(error, "type") is not (null or "idempotency_error")
            ? new RefundReport(RefundState.Failed, FailureText: CodeOf(error) ?? Text(error, "message"))
            : new RefundReport(RefundState.Unknown);
    }

    /// <summary>A member that is text.</summary>
    public static string? Text(JsonElement json, string name) => Property(json, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A member; undefined where it is not there.</summary>
    public static JsonElement Property(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    private static Money.Amount? Received(JsonElement intent) =>
        Property(intent, "amount_received") is { ValueKind: JsonValueKind.Number } units
        && units.TryGetInt64(out var number)
        && StripeMoney.TryRead(number, Text(intent, "currency"), out var amount)
            ? amount
            : null;

    // insufficient_funds says more than card_declined.
    private static string? CodeOf(JsonElement error) => Text(error, "decline_code") ?? Text(error, "code");

    private static GatewayReport Failed(string? code, string? text) =>
        new(ChargeState.Failed) { FailureCode = code ?? "gateway_declined", FailureText = text ?? Generic };
}
