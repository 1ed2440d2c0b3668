using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>POST /api/payments/refund/request/</c> and <c>GET /api/payments/refunds/</c>. A refund is carried out, and takes the vouchers back; who may give one
/// is decided by <c>/v1</c>: for what the house sells, its staff.
/// </summary>
internal static class RefundVouchers
{
    private static readonly string[] Reasons = ["customer_request", "duplicate_payment", "fraudulent", "system_error", "other"];

    private sealed record Refunded(string Id, Amount Amount, string Reason, string State, DateTimeOffset RequestedAt, DateTimeOffset? EndedAt);

    private sealed record Shown(Guid Id, string Amount, string Reason, string Status, string AdminNotes, string CreatedAt, string? ProcessedAt);

    private sealed record Requested(string Message, Shown Refund);

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/payments/refund/request", RequestAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
        api.MapGet("/payments/refunds", ListAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);
    }

    private static async Task<IResult> RequestAsync(HttpContext http, EdgeApi api, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (id, asked) = (body.Text("payment_id", 64), body.Choice("reason", Reasons));
        var number = body.Has("amount") ? body.Amount("amount", 10) : (decimal?)null;
        var note = body.TextOrNull("notes", 200);
        if (!Guid.TryParse(id, out var payment) && id.Length > 0)
        {
            body.Wrong("payment_id", "Must be a valid UUID.");
        }

        body.Check();
        var path = "/v1/payments/" + Ids.Show(PaymentFact.Prefix, payment);
        var currency = number is null ? null : (await api.GetAsync<PaymentView>(path)).Amount.Currency;
        var amount = currency is null ? (Amount?)null : EdgeFormats.Money(number!.Value, currency);
        var reason = asked is "duplicate_payment" ? "duplicate" : asked;
        var refund = await api.SendAsync<Refunded>(
            "POST",
            path + "/refunds",
            new
            {
                amount,
                reason,
                note,
            }
        );
        return Results.Json(new Requested("Refund request submitted", Show(refund)), Wire.Json, statusCode: 201);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, EdgeApi api)
    {
        var refunds = new List<Shown>();
        foreach (var payment in (await ListVoucherPayments.OwnAsync(api)).Where(one => one.CompletedAt is not null && one.Refunded.Minor > 0))
        {
            refunds.AddRange((await api.NewestAsync<Refunded>($"/v1/payments/{payment.Id}/refunds")).Select(Show));
        }

        return EdgePage.Of(request, refunds);
    }

    private static Shown Show(Refunded refund) =>
        new(
            Guid.ParseExact(refund.Id.AsSpan(refund.Id.IndexOf('_', StringComparison.Ordinal) + 1), "N"),
            EdgeFormats.Decimal(refund.Amount),
            refund.Reason is "duplicate" ? "duplicate_payment" : refund.Reason,
            refund.State,
            "",
            EdgeFormats.Time(refund.RequestedAt),
            EdgeFormats.Time(refund.EndedAt)
        );
}
