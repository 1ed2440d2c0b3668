using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Florin.Bench;

/// <summary>A payment intent of the small Stripe.</summary>
public sealed class StripeIntent
{
    public string Id { get; } = "pi_" + Guid.NewGuid().ToString("N")[..24];

    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public string? Description { get; init; }

    public string Status { get; set; } = "requires_payment_method";

    public long AmountReceived { get; set; }

    public object? LastError { get; set; }

    public string ClientSecret => Id + "_secret_test";

    /// <summary>As it stands in answers and events.</summary>
    public object Shape =>
        new
        {
            id = Id,
            @object = "payment_intent",
            amount = Amount,
            amount_received = AmountReceived,
            currency = Currency,
            client_secret = ClientSecret,
            description = Description,
            last_payment_error = LastError,
            livemode = false,
            metadata = Metadata,
            status = Status,
        };
}

/// <summary>A refund of the small Stripe.</summary>
public sealed class StripeRefund
{
    public string Id { get; } = "re_" + Guid.NewGuid().ToString("N")[..24];

    public required string Intent { get; init; }

    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required string Reason { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required string Status { get; set; }

    /// <summary>As it stands in answers and events.</summary>
    public object Shape =>
        new
        {
            id = Id,
            @object = "refund",
            amount = Amount,
            currency = Currency,
            metadata = Metadata,
            payment_intent = Intent,
            reason = Reason,
            status = Status,
        };
}

/// <summary>What Stripe would refuse.</summary>
internal sealed class StripeFault(int status, string type, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Type { get; } = type;

    public string Code { get; } = code;
}

/// <summary>What the small Stripe remembers, and its rules.</summary>
internal sealed class StripeBook
{
    private static readonly string[] ThreeDecimals = ["bhd", "jod", "kwd", "omr", "tnd"];
    private readonly Lock writing = new();
    private readonly ConcurrentDictionary<string, (string Request, int Status, string Body)> answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StripeIntent> intents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StripeRefund> refunds = new(StringComparer.Ordinal);

    public IReadOnlyCollection<StripeIntent> Intents => [.. intents.Values];

    public IReadOnlyCollection<StripeRefund> Refunds => [.. refunds.Values];

    /// <summary>Forgets the answers, as Stripe does after a day.</summary>
    public void ForgetKeys() => answers.Clear();

    public string Get(string path, IQueryCollection query)
    {
        if (path is "/v1/refunds")
        {
            Demand(query.Count == 2 && query["limit"] == "100" && query["payment_intent"].Count == 1, "parameter_unknown", "the list's query is " + query);
            var listed = refunds.Values.Where(refund => refund.Intent == query["payment_intent"]).Select(refund => refund.Shape);
            return JsonSerializer.Serialize(
                new
                {
                    @object = "list",
                    has_more = false,
                    data = listed,
                }
            );
        }

        Demand(query.Count == 0, "parameter_unknown", "a query: " + query);
        return JsonSerializer.Serialize(
            path.StartsWith("/v1/payment_intents/", StringComparison.Ordinal) ? IntentOf(path[20..]).Shape
            : path.StartsWith("/v1/refunds/", StringComparison.Ordinal) && refunds.TryGetValue(path[12..], out var refund) ? refund.Shape
            : throw Missing(path)
        );
    }

    public (int Status, string Body) Post(string path, string key, string body, string refundStatus)
    {
        lock (writing)
        {
            var request = path + "\n" + body;
            if (answers.TryGetValue(key, out var before))
            {
                return string.Equals(before.Request, request, StringComparison.Ordinal)
                    ? (before.Status, before.Body)
                    : throw new StripeFault(
                        400,
                        "idempotency_error",
                        "idempotency_error",
                        "Keys for idempotent requests can only be used with the same parameters"
                    );
            }

            var form = QueryHelpers.ParseQuery(body);
            Demand(form.All(field => field.Value.Count == 1 && field.Value.ToString().Length > 0), "parameter_invalid_empty", "an empty or repeated field");
            var done = path switch
            {
                "/v1/payment_intents" => Create(form),
                "/v1/refunds" => Refund(form, refundStatus),
                _ when path.EndsWith("/cancel", StringComparison.Ordinal) && form.Count == 0 => Cancel(path[20..^7]),
                _ => throw Missing(path),
            };
            var answer = JsonSerializer.Serialize(done);
            answers[key] = (request, 200, answer);
            return (200, answer);
        }
    }

    private object Create(Dictionary<string, StringValues> form)
    {
        Fields(form, ["amount", "currency", "automatic_payment_methods[enabled]", "metadata[payment]", "metadata[attempt]"], ["description"]);
        var currency = form["currency"].ToString();
        Demand(currency.Length == 3 && currency.All(char.IsAsciiLetterLower), "invalid_currency", "currency " + currency);
        var amount = Units(form, currency);
        Demand(form["automatic_payment_methods[enabled]"] == "true", "parameter_invalid", "automatic_payment_methods[enabled]");
        Demand(Metadata(form).Values.All(id => Guid.TryParseExact(id, "N", out _)), "metadata", "ids of ours have 32 hex digits");
        var intent = new StripeIntent
        {
            Amount = amount,
            Currency = currency,
            Metadata = Metadata(form),
            Description = form.TryGetValue("description", out var text) ? text.ToString() : null,
        };
        intents[intent.Id] = intent;
        return intent.Shape;
    }

    private object Cancel(string id)
    {
        var intent = IntentOf(id);
        if (intent.Status is "succeeded" or "processing" or "canceled")
        {
            throw new StripeFault(400, "invalid_request_error", "payment_intent_unexpected_state", $"status is {intent.Status}");
        }

        intent.Status = "canceled";
        return intent.Shape;
    }

    private object Refund(Dictionary<string, StringValues> form, string status)
    {
        Fields(form, ["payment_intent", "amount", "reason", "metadata[refund]", "metadata[attempt]"], []);
        var intent = IntentOf(form["payment_intent"].ToString());
        var amount = Units(form, intent.Currency);
        var reason = form["reason"].ToString();
        Demand(reason is "duplicate" or "fraudulent" or "requested_by_customer", "parameter_invalid", "reason " + reason);
        Demand(intent.Metadata["attempt"] == form["metadata[attempt]"], "metadata", "another attempt's intent");
        var before = refunds
            .Values.Where(one => string.Equals(one.Intent, intent.Id, StringComparison.Ordinal) && one.Status is not "failed")
            .Sum(one => one.Amount);
        Demand(intent.Status is "succeeded" && before + amount <= intent.AmountReceived, "charge_already_refunded", "more than is left");
        var refund = new StripeRefund
        {
            Intent = intent.Id,
            Amount = amount,
            Currency = intent.Currency,
            Reason = reason,
            Metadata = Metadata(form),
            Status = status,
        };
        refunds[refund.Id] = refund;
        return refund.Shape;
    }

    private static long Units(Dictionary<string, StringValues> form, string currency)
    {
        var isWhole = long.TryParse(form["amount"], NumberStyles.None, CultureInfo.InvariantCulture, out var amount);
        Demand(isWhole && amount > 0, "parameter_invalid_integer", "amount " + form["amount"]);
        Demand(amount <= 99_999_999_99, "amount_too_large", "amount " + form["amount"]);
        Demand(!ThreeDecimals.Contains(currency, StringComparer.Ordinal) || amount % 10 == 0, "parameter_invalid", "three decimals must end in 0");
        Demand(currency is not ("isk" or "ugx") || amount % 100 == 0, "parameter_invalid", currency + " has no hundredths");
        return amount;
    }

    private static Dictionary<string, string> Metadata(Dictionary<string, StringValues> form) =>
        form.Where(field => field.Key.StartsWith("metadata[", StringComparison.Ordinal))
            .ToDictionary(field => field.Key[9..^1], field => field.Value.ToString(), StringComparer.Ordinal);

    private StripeIntent IntentOf(string id) => intents.TryGetValue(id, out var intent) ? intent : throw Missing(id);

    private static StripeFault Missing(string what) => new(404, "invalid_request_error", "resource_missing", "No such thing: " + what);

    private static void Fields(Dictionary<string, StringValues> form, string[] needed, string[] allowed)
    {
        foreach (var name in needed)
        {
            Demand(form.ContainsKey(name), "parameter_missing", name);
        }

        foreach (var name in form.Keys)
        {
            Demand(needed.Concat(allowed).Contains(name, StringComparer.Ordinal), "parameter_unknown", name);
        }
    }

    private static void Demand(bool holds, string code, string message)
    {
        if (!holds)
        {
            throw new StripeFault(400, "invalid_request_error", code, message);
        }
    }
}
