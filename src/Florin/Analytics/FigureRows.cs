using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Analytics;

/// <summary>Figures as rows of a table: one a row, with what it was in the stretch before where that is known.</summary>
internal static class FigureRows
{
    /// <summary>The names of the columns.</summary>
    internal static readonly string[] Heading = ["section", "name", "currency", "figure", "now", "before"];

    /// <summary>A table of figures, named after the day on which its stretch of time began.</summary>
    internal static IResult Table(string name, Stretch stretch, IEnumerable<object?[]> rows, CancellationToken cancel) =>
        Csv.Table($"florin-{name}-{stretch.From.UtcDateTime:yyyyMMdd}.csv", Heading, StretchRows(stretch).Concat(rows).ToAsyncEnumerable(), cancel);

    internal static IEnumerable<object?[]> Of(Dashboard dashboard) =>
        [
            .. Of(dashboard.Revenue),
            .. dashboard.States.Select(state => Row("states", state.Name, "payments", state.Now, state.Before)),
            .. Of(dashboard.Pace, dashboard.PaceBefore),
            .. dashboard.Shops.SelectMany(shop => Of("shops", shop.Name, shop.Sum, null)),
            Row("people", null, "total", dashboard.People.Total),
            Row("people", null, "new", dashboard.People.New, dashboard.People.NewBefore),
            Row("people", null, "active", dashboard.People.Active),
            Row("people", null, "frozen", dashboard.People.Frozen),
            Row("vouchers", null, "total", dashboard.Vouchers.Total),
            Row("vouchers", null, "active", dashboard.Vouchers.Active),
            Row("vouchers", null, "used", dashboard.Vouchers.Used),
            Row("vouchers", null, "expired", dashboard.Vouchers.Expired),
            Row("vouchers", null, "cancelled", dashboard.Vouchers.Cancelled),
            Row("vouchers", null, "issued", dashboard.Vouchers.Issued, dashboard.Vouchers.IssuedBefore),
            Row("vouchers", null, "redeemed", dashboard.Vouchers.Redeemed, dashboard.Vouchers.RedeemedBefore),
            Row("files", null, "total", dashboard.Files.Total),
            Row("files", null, "processing", dashboard.Files.Processing),
            Row("files", null, "completed", dashboard.Files.Completed),
            Row("files", null, "failed", dashboard.Files.Failed),
            Row("files", null, "uploaded", dashboard.Files.Uploaded, dashboard.Files.UploadedBefore),
            .. dashboard.Files.CreditsOwed.Select(owed => new object?[] { "files", null, owed.Currency.Code, "credits_owed", owed, null }),
        ];

    internal static IEnumerable<object?[]> Of(Revenue revenue) =>
        [
            .. revenue.Totals.SelectMany(pair => Of("takings", null, pair.Now, pair.Before)),
            .. revenue.Methods.SelectMany(pair => Of("methods", pair.Name, pair.Now, pair.Before)),
            .. revenue.Purposes.SelectMany(pair => Of("purposes", pair.Name, pair.Now, pair.Before)),
            .. revenue.Times.SelectMany(at => Of("times", Csv.Time(at.Start), at.Sum, null)),
            .. revenue.VoucherTypes.SelectMany(Of),
            .. revenue.Income.Select(Of),
        ];

    private static object?[] Of(HouseIncome income) => ["income", income.Account, income.Now.Currency.Code, "earned", income.Now, income.Before];

    private static IEnumerable<object?[]> Of(VoucherTypeSales type)
    {
        var currency = type.Paid.Currency.Code;
        yield return ["voucher_types", type.Type, currency, "issued", type.Issued, null];
        yield return ["voucher_types", type.Type, currency, "redeemed", type.Redeemed, null];
        yield return ["voucher_types", type.Type, currency, "paid", type.Paid, null];
        yield return ["voucher_types", type.Type, currency, "refunded", type.Refunded, null];
    }

    private static IEnumerable<object?[]> Of(string section, string? name, TakingsSum now, TakingsSum? before)
    {
        (string Figure, Func<TakingsSum, object> Read)[] figures =
        [
            ("payments", sum => sum.Payments),
            ("gross", sum => sum.Gross),
            ("refunds", sum => sum.Refunds),
            ("refunded", sum => sum.Refunded),
            ("fees", sum => sum.Fees),
            ("net", sum => sum.Net),
            ("average", sum => sum.Average),
        ];
        return figures.Select(one => new object?[] { section, name, now.Currency.Code, one.Figure, one.Read(now), before is null ? null : one.Read(before) });
    }

    private static IEnumerable<object?[]> Of(PaymentPace now, PaymentPace before)
    {
        yield return Row("pace", null, "made", now.Made, before.Made);
        yield return Row("pace", null, "ended", now.Ended, before.Ended);
        yield return Row("pace", null, "succeeded", now.Succeeded, before.Succeeded);
        yield return Row("pace", null, "success_bps", now.SuccessBps, before.SuccessBps);
        yield return Row("pace", null, "median_ms", now.MedianMs, before.MedianMs);
        yield return Row("pace", null, "p99_ms", now.P99Ms, before.P99Ms);
    }

    private static IEnumerable<object?[]> StretchRows(Stretch stretch)
    {
        yield return ["stretch", stretch.Period, null, "from", stretch.From, stretch.Before.From];
        yield return ["stretch", stretch.Period, null, "to", stretch.To, stretch.Before.To];
    }

    private static object?[] Row(string section, string? name, string figure, long? now, long? before = null) => [section, name, null, figure, now, before];
}
