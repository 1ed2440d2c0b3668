using System.Globalization;
using Florin.Money;
using Florin.Platform;

namespace Florin.Ledger;

/// <summary>
/// The book for staff: <c>GET /v1/ledger/accounts</c> (by <c>kind</c> and <c>currency</c>), <c>GET /v1/ledger/accounts/{id}</c> and <c>…/entries</c>, both as
/// they were at any instant (<c>as_of</c>). An account's newest entry in force leaves the balance: that explains it.
/// </summary>
internal static class ShowAccount
{
    /// <param name="Account">As it is now, with the balance of the instant.</param>
    /// <param name="AsOf">The instant; null for now.</param>
    /// <param name="Occurred">The balance by when entries happened in the world rather than by when they were booked; null for now.</param>
    /// <param name="LastSeq">The entry that left the balance; 0 for none.</param>
    public sealed record Response(BookAccount Account, DateTimeOffset? AsOf, Amount? Occurred, long LastSeq);

    public static void Map(RouteGroupBuilder ledger)
    {
        ledger.MapGet("/accounts", ListAsync);
        ledger.MapGet("/accounts/{id}", OneAsync);
        ledger.MapGet("/accounts/{id}/entries", EntriesAsync);
    }

    private static async Task<Page<BookAccount>> ListAsync(
        string? kind,
        string? currency,
        int? limit,
        string? cursor,
        LedgerExplorer explorer,
        CancellationToken cancel
    )
    {
        var take = PageRequest.Read(limit, cursor: null).Limit;
        var found = await explorer.AccountsAsync(kind, currency, ReadCursor(cursor), take + 1, cancel);
        return new Page<BookAccount>([.. found.Take(take)], found.Count > take ? Show(found[take - 1].Id) : null);
    }

    private static async Task<Response> OneAsync(string id, string? as_of, LedgerExplorer explorer, LedgerReads reads, CancellationToken cancel)
    {
        var account = await FindAsync(id, explorer, cancel);
        if (as_of is null)
        {
            return new Response(account, null, null, account.Entries);
        }

        var at = Instants.ReadDayOrTime(as_of, "as_of", end: true);
        var currency = account.Balance.Currency;
        var booked = await reads.RangeAsync(account.Id, at, After(at), cancel);
        var occurred = await reads.BalanceAtAsync(account.Id, at, EntryTime.Occurred, cancel);
        return new Response(account with { Balance = new Amount(booked.Closing, currency) }, at, new Amount(occurred, currency), booked.LastSeq);
    }

    private static async Task<Page<BookEntry>> EntriesAsync(
        string id,
        string? as_of,
        int? limit,
        string? cursor,
        LedgerExplorer explorer,
        LedgerReads reads,
        CancellationToken cancel
    )
    {
        var take = PageRequest.Read(limit, cursor: null).Limit;
        var before = ReadCursor(cursor);
        var account = await FindAsync(id, explorer, cancel);
        if (as_of is not null)
        {
            var at = Instants.ReadDayOrTime(as_of, "as_of", end: true);
            before = Math.Min(before, (await reads.RangeAsync(account.Id, at, After(at), cancel)).LastSeq + 1);
        }

        var entries = await reads.EntriesAsync(account.Id, before, take + 1, cancel);
        var currency = account.Balance.Currency;
        var shown = entries
            .Take(take)
            .Select(entry => new BookEntry(
                entry.Account,
                entry.Seq,
                new Amount(entry.Amount, currency),
                new Amount(entry.BalanceAfter, currency),
                Ids.Show(LedgerExplorer.Prefix, entry.Posting),
                entry.Kind,
                entry.Reference,
                entry.PostedAt,
                entry.OccurredAt
            ));
        return new Page<BookEntry>([.. shown], entries.Count > take ? Show(entries[take - 1].Seq) : null);
    }

    // What was booked at the instant itself counts: an entry's time is a whole microsecond.
    private static DateTimeOffset After(DateTimeOffset at) => at.AddTicks(TimeSpan.TicksPerMicrosecond);

    private static async Task<BookAccount> FindAsync(string id, LedgerExplorer explorer, CancellationToken cancel) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && await explorer.AccountAsync(number, cancel) is { } found
            ? found
            : throw PlatformRefusals.NotFound.With();

    private static string Show(long last) => last.ToString(CultureInfo.InvariantCulture);

    private static long ReadCursor(string? cursor) =>
        cursor is null ? long.MaxValue
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last
        : throw PlatformRefusals.InvalidRequest.Field("cursor", "is not one that a list gave");
}
