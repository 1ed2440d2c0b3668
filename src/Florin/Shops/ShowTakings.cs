using Florin.Identity;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Wallets;

namespace Florin.Shops;

/// <summary>
/// <c>GET /v1/shops/{id}/takings</c>: what a shop took, for its owner, per currency and by day, hour, method, customer or reason of refunds, as JSON or CSV.
/// <c>from</c> and <c>to</c> are days of the time zone <c>tz</c> (both included) or moments (the second not included); thirty days where not given.
/// <c>docs/metrics.md</c> says what each figure is.
/// </summary>
internal static class ShowTakings
{
    private const int MostDays = 400;
    private const int MostDaysByHour = 32;

    private static readonly string[] Heading = ["bucket", "start", "name", "currency", "gross", "refunded", "fees", "net", "payments", "refunds", "average"];

    /// <param name="From">From then on.</param>
    /// <param name="To">Until then, which is not included.</param>
    /// <param name="TimeZone">In which days and hours are counted.</param>
    /// <param name="By">How they are told apart.</param>
    /// <param name="Data">A row for each part and currency in which there was anything.</param>
    /// <param name="Totals">All of it, for each currency.</param>
    public sealed record Response(DateTimeOffset From, DateTimeOffset To, string TimeZone, TakingsBy By, IReadOnlyList<Row> Data, IReadOnlyList<Row> Totals);

    /// <param name="Bucket">The day (<c>2026-01-31</c>), hour (<c>2026-01-31T09:00</c>), method, customer (<c>usr_…</c>) or reason; null in totals.</param>
    /// <param name="Start">When the day or hour began.</param>
    /// <param name="Name">The customer's name.</param>
    /// <param name="Gross">Payments.</param>
    /// <param name="Refunded">Refunds.</param>
    /// <param name="Fees">What the house took.</param>
    /// <param name="Net">Gross less refunds and fees.</param>
    /// <param name="Payments">How many payments.</param>
    /// <param name="Refunds">How many refunds.</param>
    /// <param name="Average">Gross over payments.</param>
    public sealed record Row(
        string? Bucket,
        DateTimeOffset? Start,
        string? Name,
        Amount Gross,
        Amount Refunded,
        Amount Fees,
        Amount Net,
        long Payments,
        long Refunds,
        Amount Average
    );

    public static void Map(RouteGroupBuilder shops) =>
        shops.MapGet("/{id}/takings", HandleAsync).RequireAuthorization(Policies.Scope("payments:read")).LimitRate(RateLimit.Costly).Produces<Response>();

    private static async Task<IResult> HandleAsync(
        string id,
        string? from,
        string? to,
        string? by,
        string? tz,
        string? format,
        Caller caller,
        HttpContext http,
        ShopDesk shops,
        PaymentTakings takings,
        People people,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var shop = Ids.Read(Shop.Prefix, id);
        switch (await shops.RoleOfAsync(caller.Person, shop, cancel))
        {
            case PayeeRole.None:
                throw PlatformRefusals.NotFound.With();
            case not PayeeRole.Owner:
                throw PlatformRefusals.Forbidden.With("Only the shop's owner sees its takings.");
            default:
                break;
        }

        var csv = Csv.Wanted(http, format);
        var question = await AskAsync(shop, from, to, by, tz ?? "UTC", takings, clock.GetUtcNow(), cancel);
        var (parts, totals) = await takings.CountAsync(question, cancel);
        var names = await people.DisplayNamesAsync([.. parts.Where(part => part.Customer is not null).Select(part => part.Customer!.Value).Distinct()], cancel);
        var rows = parts.Select(part => Show(part, names)).ToList();
        return csv
            ? Csv.Table($"florin-takings-{question.From.UtcDateTime:yyyyMMdd}.csv", Heading, rows.Select(Cells).ToAsyncEnumerable(), cancel)
            : Results.Json(
                new Response(question.From, question.To, question.TimeZone, question.By, rows, [.. totals.Select(total => Show(total, names))]),
                Wire.Json
            );
    }

    private static async Task<TakingsQuestion> AskAsync(
        Guid shop,
        string? from,
        string? to,
        string? by,
        string tz,
        PaymentTakings takings,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        var how = by switch
        {
            null or "day" => TakingsBy.Day,
            "hour" => TakingsBy.Hour,
            "method" => TakingsBy.Method,
            "customer" => TakingsBy.Customer,
            "reason" => TakingsBy.Reason,
            _ => throw PlatformRefusals.InvalidRequest.Field("by", "must be day, hour, method, customer or reason"),
        };
        var (fromDay, fromMoment) = Read(from, "from");
        var (toDay, toMoment) = Read(to, "to");
        var (start, end) = await takings.RangeAsync(fromDay, fromMoment, toDay, toMoment, tz, now, cancel);
        var most = how == TakingsBy.Hour ? MostDaysByHour : MostDays;
        return start >= end ? throw PlatformRefusals.InvalidRequest.Field("from", "must be earlier than to")
            : end - start > TimeSpan.FromDays(most) ? throw PlatformRefusals.InvalidRequest.Field("from", $"must be no more than {most} days before to")
            : new TakingsQuestion(shop, start, end, tz, how, [CashMethod.MethodName]);
    }

    private static (DateOnly? Day, DateTimeOffset? Moment) Read(string? text, string field) =>
        text is null ? (null, null)
        : Instants.TryReadDay(text, out var day) ? (day, null)
        : (null, Instants.Read(text, field));

    private static Row Show(Takings part, IReadOnlyDictionary<Guid, string> names)
    {
        Amount Money(long minor) => new(minor, part.Currency);
        return new Row(
            part.Customer is { } customer ? Ids.Show("usr", customer) : part.Label,
            part.Start,
            part.Customer is { } person ? names.GetValueOrDefault(person) : null,
            Money(part.Gross),
            Money(part.Refunded),
            Money(part.Fees),
            Money(part.Net),
            part.Payments,
            part.Refunds,
            Money(part.Average)
        );
    }

    private static object?[] Cells(Row row) =>
        [row.Bucket, row.Start, row.Name, row.Gross.Currency.Code, row.Gross, row.Refunded, row.Fees, row.Net, row.Payments, row.Refunds, row.Average];
}
