using Florin.Files;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Vouchers;

namespace Florin.Analytics;

/// <summary>The figures of the whole house, each as <c>docs/metrics.md</c> defines it: takings from the rollups, income from the ledger, the rest by its module.</summary>
public sealed class HouseFigures
{
    /// <summary>How many shops stand in the list of those that took most, in each currency.</summary>
    public const int MostShops = 10;

    private readonly Rollups rollups;
    private readonly PaymentFigures payments;
    private readonly BookFigures book;
    private readonly PeopleFigures people;
    private readonly VoucherFigures vouchers;
    private readonly FileFigures files;

    internal HouseFigures(Rollups rollups, PaymentFigures payments, BookFigures book, PeopleFigures people, VoucherFigures vouchers, FileFigures files)
    {
        this.rollups = rollups;
        this.payments = payments;
        this.book = book;
        this.people = people;
        this.vouchers = vouchers;
        this.files = files;
    }

    /// <summary>Takings of a stretch of time, compared with the one before; of payments of one purpose, where one is given.</summary>
    public async Task<Revenue> RevenueAsync(Stretch stretch, CancellationToken cancel, string? purpose = null)
    {
        var now = await rollups.TakenAsync(stretch, purpose, cancel);
        var before = await rollups.TakenAsync(stretch.Before, purpose, cancel);
        return new Revenue(
            stretch,
            Pairs(SumBy.All, now, before),
            Pairs(SumBy.Method, now, before),
            Pairs(SumBy.Purpose, now, before),
            [.. now.Where(one => one.By == SumBy.Time).Select(one => new TakingsAt(one.Start!.Value, one.Sum))],
            await vouchers.ByTypeAsync(stretch, cancel),
            await book.IncomeAsync(stretch, cancel)
        );
    }

    /// <summary>Everything, on three connections at once: more would be taken from those who pay.</summary>
    public async Task<Dashboard> DashboardAsync(Stretch stretch, CancellationToken cancel)
    {
        var revenue = RevenueAsync(stretch, cancel);
        var pace = PaceAsync(stretch, cancel);
        var counts = CountAsync(stretch, cancel);
        await Task.WhenAll(revenue, pace, counts);
        var (states, now, before, shops) = await pace;
        var (persons, codes, uploads) = await counts;
        return new Dashboard(await revenue, states, now, before, shops, persons, codes, uploads);
    }

    private async Task<(IReadOnlyList<CountPair> States, PaymentPace Now, PaymentPace Before, IReadOnlyList<ShopTakings> Shops)> PaceAsync(
        Stretch stretch,
        CancellationToken cancel
    )
    {
        var made = await rollups.MadeAsync(stretch, cancel);
        var madeBefore = await rollups.MadeAsync(stretch.Before, cancel);
        return (
            [.. PaymentStates.All.Select(state => new CountPair(state, Count(made, state), Count(madeBefore, state)))],
            PaceOf(made, await rollups.WaitsAsync(stretch, cancel)),
            PaceOf(madeBefore, await rollups.WaitsAsync(stretch.Before, cancel)),
            await ShopsAsync(stretch, cancel)
        );
    }

    private async Task<(PeopleCounts People, VoucherCounts Vouchers, FileCounts Files)> CountAsync(Stretch stretch, CancellationToken cancel) =>
        (await people.CountAsync(stretch, cancel), await vouchers.CountAsync(stretch, cancel), await files.CountAsync(stretch, cancel));

    private async Task<IReadOnlyList<ShopTakings>> ShopsAsync(Stretch stretch, CancellationToken cancel)
    {
        var sums = await rollups.PayeesAsync(stretch, MostShops, cancel);
        var names = await payments.PayeeNamesAsync([.. sums.Select(one => one.Payee).Distinct()], cancel);
        return [.. sums.Select(one => new ShopTakings(one.Payee, names.GetValueOrDefault(one.Payee, ""), one.Sum))];
    }

    private static long Count(List<MadeSum> sums, string state) =>
        sums.Where(one => string.Equals(one.State, state, StringComparison.Ordinal)).Sum(one => one.Payments);

    private static PaymentPace PaceOf(List<MadeSum> made, List<(int Bucket, long Count)> waits) =>
        new(
            made.Sum(one => one.Payments),
            made.Where(one => one.State is not (PaymentStates.Pending or PaymentStates.Processing)).Sum(one => one.Payments),
            made.Where(one => one.State is PaymentStates.Completed or PaymentStates.PartiallyRefunded or PaymentStates.Refunded).Sum(one => one.Payments),
            WaitBuckets.Percentile(waits, 500),
            WaitBuckets.Percentile(waits, 990)
        );

    // What stands in one of the two only is compared with nothing.
    private static List<TakingsPair> Pairs(SumBy by, List<TakenSum> now, List<TakenSum> before)
    {
        Dictionary<(Currency Currency, string Name), TakingsSum> Of(List<TakenSum> sums) =>
            sums.Where(one => one.By == by).ToDictionary(one => (one.Sum.Currency, one.Name), one => one.Sum);
        var (these, those) = (Of(now), Of(before));
        return
        [
            .. these
                .Keys.Union(those.Keys)
                .OrderBy(key => key.Currency.Code, StringComparer.Ordinal)
                .ThenByDescending(key => these.TryGetValue(key, out var sum) ? sum.Gross.Minor : -1)
                .ThenBy(key => key.Name, StringComparer.Ordinal)
                .Select(key => new TakingsPair(
                    by == SumBy.All ? null : key.Name,
                    these.GetValueOrDefault(key) ?? TakingsSum.None(key.Currency),
                    those.GetValueOrDefault(key) ?? TakingsSum.None(key.Currency)
                )),
        ];
    }
}
