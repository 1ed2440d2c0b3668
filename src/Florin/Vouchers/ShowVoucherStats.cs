using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Vouchers;

/// <summary>
/// <c>GET /v1/vouchers/stats</c>: the caller's own in figures (<c>docs/metrics.md</c>). <c>GET /v1/voucher-liability</c>, for staff: what all vouchers still
/// owe, and what the ledger's liability accounts hold, which is the same.
/// </summary>
internal static class ShowVoucherStats
{
    /// <param name="Total">How many the caller has.</param>
    /// <param name="Active">Of these: can be redeemed now.</param>
    /// <param name="Used">Used up.</param>
    /// <param name="Expired">Ended by time.</param>
    /// <param name="Cancelled">Paid back.</param>
    /// <param name="Value">What the unused uses of the active ones cost when they were sold, before discounts, by currency.</param>
    public sealed record Response(int Total, int Active, int Used, int Expired, int Cancelled, IReadOnlyList<Amount> Value);

    /// <param name="Outstanding">What the vouchers that are not used, expired or cancelled still owe.</param>
    /// <param name="Held">What the ledger's account holds.</param>
    /// <param name="Vouchers">How many there are of them.</param>
    public sealed record Liability(Amount Outstanding, Amount Held, int Vouchers);

    public static void Map(RouteGroupBuilder v1, RouteGroupBuilder vouchers)
    {
        vouchers.MapGet("/stats", StatsAsync).RequireAuthorization(VouchersModule.Read).LimitRate(RateLimit.Costly);
        v1.MapGet("/voucher-liability", LiabilityAsync).RequireAuthorization(Policies.Staff).LimitRate(RateLimit.Costly).WithTags("vouchers");
    }

    private static async Task<Response> StatsAsync(Caller caller, FlorinDb db, TimeProvider clock, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var groups = await db
            .Vouchers.AsNoTracking()
            .Where(one => one.Owner == caller.Person)
            .GroupBy(one => new { State = one.State == VoucherStates.Active && one.ExpiresAt <= now ? VoucherStates.Expired : one.State, one.Currency })
            .Select(group => new
            {
                group.Key.State,
                group.Key.Currency,
                Count = group.Count(),
                Value = group.Sum(one => (decimal)(one.Price * one.UsesLeft / one.Uses)),
            })
            .ToListAsync(cancel);
        int Count(string state) => groups.Where(group => string.Equals(group.State, state, StringComparison.Ordinal)).Sum(group => group.Count);
        return new Response(
            groups.Sum(group => group.Count),
            Count(VoucherStates.Active),
            Count(VoucherStates.Used),
            Count(VoucherStates.Expired),
            Count(VoucherStates.Cancelled),
            [
                .. groups
                    .Where(group => group.State is VoucherStates.Active)
                    .OrderBy(group => group.Currency, StringComparer.Ordinal)
                    .Select(group => new Amount((long)group.Value, Currency.Of(group.Currency))),
            ]
        );
    }

    private static async Task<Page<Liability>> LiabilityAsync(FlorinDb db, HouseAccounts house, LedgerReads ledger, Settings settings, CancellationToken cancel)
    {
        // Only active ones owe anything, and an index holds those: not every voucher that was ever sold is read.
        var owed = await db
            .Vouchers.AsNoTracking()
            .Where(one => one.State == VoucherStates.Active)
            .GroupBy(one => one.Currency)
            .Select(group => new
            {
                Currency = group.Key,
                Sum = group.Sum(one => (decimal)one.Outstanding),
                Count = group.Count(),
            })
            .ToDictionaryAsync(group => Currency.Of(group.Currency), cancel);
        var rows = new List<Liability>();
        foreach (var currency in settings.Currencies.Union(owed.Keys).OrderBy(currency => currency.Code, StringComparer.Ordinal))
        {
            var account = await house.IdAsync(HouseAccount.VoucherLiability, currency, cancel);
            var held = (await ledger.AccountsAsync([account], cancel))[account].Balance;
            var group = owed.GetValueOrDefault(currency);
            rows.Add(new Liability(new Amount((long)(group?.Sum ?? 0), currency), new Amount(held, currency), group?.Count ?? 0));
        }

        return new Page<Liability>(rows, null);
    }
}
