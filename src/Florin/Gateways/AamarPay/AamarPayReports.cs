using System.Text.Json;
using Florin.Money;
using Florin.Payments;

namespace Florin.Gateways.AamarPay;

/// <summary>What aamarPay's answers mean. Pure.</summary>
internal static class AamarPayReports
{
    /// <summary>How long a number that aamarPay does not know may still be paid: its pages live for less.</summary>
    public static readonly TimeSpan PageLife = TimeSpan.FromDays(1);

    private static readonly string[] AboutUs = ["store", "signature", "merchant", "key"];

    /// <summary>The page on which the payer pays; null where the answer is an error, which comes with status 200 as well.</summary>
    public static Uri? PageOf(GatewayAnswer answer) =>
        answer.IsSuccess
        && Text(answer.Json, "result") is "true"
        && Uri.TryCreate(Text(answer.Json, "payment_url"), UriKind.Absolute, out var page)
        && page.Scheme is "http" or "https"
            ? page
            : null;

    /// <summary>The gateway's words for an error, short enough to show.</summary>
    public static string ErrorOf(GatewayAnswer answer)
    {
        var text =
            Text(answer.Json, "reason")
            ?? Text(answer.Json, "msg")
            ?? Text(answer.Json, "message")
            ?? Text(answer.Json, "error")
            ?? (answer.Json.ValueKind == JsonValueKind.String ? answer.Json.GetString()! : answer.Text);
        var clean = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return clean.Length == 0 ? "aamarPay gave no reason."
            : clean.Length <= 200 ? clean
            : clean[..200];
    }

    /// <summary>What a check says. Only what names our number and our store is believed.</summary>
    /// <param name="answer">The check's.</param>
    /// <param name="number">Our number.</param>
    /// <param name="store">Our store.</param>
    /// <param name="age">How long ago the attempt began.</param>
    public static GatewayReport OfCheck(GatewayAnswer answer, string number, string store, TimeSpan age)
    {
        var unknown = new GatewayReport(ChargeState.Unknown);
        if (!answer.IsSuccess)
        {
            return unknown;
        }

        if (Text(answer.Json, "pay_status") is not { Length: > 0 } status)
        {
            return OfNothing(answer, age);
        }

        if (!Same(Text(answer.Json, "mer_txnid"), number) || (Text(answer.Json, "store_id") is { Length: > 0 } named && !Same(named, store)))
        {
            return unknown;
        }

        var known = new GatewayReport(ChargeState.Waiting) { Reference = Text(answer.Json, "pg_txnid") is { Length: > 0 } id ? id : null };
        var text = Text(answer.Json, "error_title") ?? Text(answer.Json, "status_title");
        return status.ToUpperInvariant() switch
        {
            "SUCCESSFUL" when Text(answer.Json, "status_code") is null or "2" => AmountOf(answer.Json) is { } amount
                ? known with
                {
                    State = ChargeState.Captured,
                    Captured = amount,
                }
                : unknown,
            "FAILED" => known with { State = ChargeState.Failed, FailureCode = Text(answer.Json, "error_code") ?? "failed", FailureText = text },
            "EXPIRED" => known with { State = ChargeState.Failed, FailureCode = "expired", FailureText = text ?? "The page for paying has expired." },
            "CANCELLED" or "CANCELED" => known with { State = ChargeState.Cancelled },
            _ => known, // Pending, and what we do not know
        };
    }

    // It does not know the number: the payer has not opened the page yet, or the page was never made. An error that speaks of us says nothing of it.
    private static GatewayReport OfNothing(GatewayAnswer answer, TimeSpan age)
    {
        var error = ErrorOf(answer);
        var isAnswer = answer.Text.Trim() is { Length: > 0 } text && text[0] != '<';
        return !isAnswer || AboutUs.Any(word => error.Contains(word, StringComparison.OrdinalIgnoreCase)) ? new GatewayReport(ChargeState.Unknown)
            : age <= PageLife ? new GatewayReport(ChargeState.Waiting)
            : new GatewayReport(ChargeState.Failed) { FailureCode = "not_found", FailureText = "It was not paid in time." };
    }

    // They write 100, 100.0 and 100.00; more digits than the currency has are no amount of it unless they are zeros.
    private static Amount? AmountOf(JsonElement check)
    {
        if (Text(check, "amount") is not { } text || !Currency.TryParse(Text(check, "currency"), out var currency))
        {
            return null;
        }

        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? text : text[..point];
        var fraction = (point < 0 ? "" : text[(point + 1)..]).TrimEnd('0').PadRight(currency.Digits, '0');
        return Amount.TryParse(currency.Digits == 0 && fraction.Length == 0 ? whole : $"{whole}.{fraction}", currency, out var amount) ? amount : null;
    }

    // Text, or a number as it is written.
    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                JsonValueKind.True => "true",
                _ => null,
            }
            : null;

    private static bool Same(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
