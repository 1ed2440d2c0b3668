using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Analytics;

/// <summary>
/// <c>GET /v1/analytics/me</c>: what the caller paid in thirty days, a <c>period</c> or <c>from</c> and <c>to</c>, beside the stretch before, and their
/// vouchers; as JSON or CSV. <c>docs/metrics.md</c> says what each figure is.
/// </summary>
internal static class ShowMyFigures
{
    /// <param name="Period">The stretch of time.</param>
    /// <param name="Spending">What they paid, by purpose and currency.</param>
    /// <param name="Vouchers">Their vouchers, as they are now.</param>
    /// <param name="Services">For what those were redeemed.</param>
    public sealed record Response(
        ShowDashboard.StretchView Period,
        IReadOnlyList<Row> Spending,
        OwnVoucherCounts Vouchers,
        IReadOnlyList<VoucherUses> Services
    );

    /// <param name="Purpose">The purpose.</param>
    /// <param name="Paid">What they paid.</param>
    /// <param name="Refunded">What came back.</param>
    /// <param name="Net">Paid less refunded.</param>
    /// <param name="Payments">How many payments.</param>
    /// <param name="Refunds">How many refunds.</param>
    /// <param name="PaidBefore">What they paid in the stretch before.</param>
    public sealed record Row(string Purpose, Amount Paid, Amount Refunded, Amount Net, long Payments, long Refunds, Amount PaidBefore);

    internal static void Map(RouteGroupBuilder analytics) =>
        analytics.MapGet("/me", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly).Produces<Response>();

    private static async Task<IResult> HandleAsync(
        string? period,
        string? from,
        string? to,
        string? format,
        Caller caller,
        HttpContext http,
        PaymentFigures payments,
        VoucherFigures vouchers,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var csv = Csv.Wanted(http, format);
        var stretch = Stretch.Read(period, from, to, clock.GetUtcNow(), usual: "30d");
        var now = await payments.SpendingAsync(caller.Person, stretch.From, stretch.To, cancel);
        var before = await payments.SpendingAsync(caller.Person, stretch.Before.From, stretch.Before.To, cancel);
        var own = await vouchers.OfPersonAsync(caller.Person, cancel);
        var services = await vouchers.UsesAsync(caller.Person, cancel);
        var rows = Rows(now, before);
        return csv
            ? FigureRows.Table("me", stretch, Cells(rows, own, services), cancel)
            : Results.Json(new Response(ShowDashboard.StretchView.Of(stretch), rows, own, services), Wire.Json);
    }

    private static List<Row> Rows(IReadOnlyList<PersonSpending> now, IReadOnlyList<PersonSpending> before)
    {
        var earlier = before.ToDictionary(one => (one.Purpose, one.Paid.Currency), one => one.Paid);
        var rows = now.Select(one => Show(one, earlier.Remove((one.Purpose, one.Paid.Currency), out var paid) ? paid : one.Paid with { Minor = 0 })).ToList();
        rows.AddRange(
            earlier.Select(one =>
            {
                var nothing = one.Value with { Minor = 0 };
                return Show(new PersonSpending(one.Key.Purpose, nothing, nothing, 0, 0), one.Value);
            })
        );
        return rows;
    }

    private static Row Show(PersonSpending one, Amount before) =>
        new(one.Purpose, one.Paid, one.Refunded, one.Paid with { Minor = one.Paid.Minor - one.Refunded.Minor }, one.Payments, one.Refunds, before);

    private static IEnumerable<object?[]> Cells(List<Row> rows, OwnVoucherCounts own, IReadOnlyList<VoucherUses> services)
    {
        foreach (var row in rows)
        {
            var currency = row.Paid.Currency.Code;
            yield return ["spending", row.Purpose, currency, "paid", row.Paid, row.PaidBefore];
            yield return ["spending", row.Purpose, currency, "refunded", row.Refunded, null];
            yield return ["spending", row.Purpose, currency, "net", row.Net, null];
            yield return ["spending", row.Purpose, currency, "payments", row.Payments, null];
            yield return ["spending", row.Purpose, currency, "refunds", row.Refunds, null];
        }

        (string Figure, long Count)[] counts =
        [
            ("total", own.Total),
            ("active", own.Active),
            ("used", own.Used),
            ("expired", own.Expired),
            ("cancelled", own.Cancelled),
            ("bought", own.Bought),
        ];
        foreach (var (figure, count) in counts)
        {
            yield return ["vouchers", null, null, figure, count, null];
        }

        foreach (var spent in own.Spent)
        {
            yield return ["vouchers", null, spent.Currency.Code, "spent", spent, null];
        }

        foreach (var service in services)
        {
            yield return ["services", service.ServiceType, null, "uses", service.Uses, null];
        }
    }
}
