using Florin.Money;
using Florin.Platform;

namespace Florin.Ledger;

/// <summary>One side of a move, as statements show it. Amounts in minor units.</summary>
/// <param name="Account">Whose entry.</param>
/// <param name="Seq">1, 2, 3 … without a gap.</param>
/// <param name="Amount">Above zero for money in, below for money out.</param>
/// <param name="BalanceAfter">The balance that this entry left.</param>
/// <param name="PostedAt">When it was booked; never before the entry with the lower <see cref="Seq"/>.</param>
/// <param name="OccurredAt">When it happened.</param>
/// <param name="Posting">Its posting.</param>
/// <param name="Kind">The posting's kind.</param>
/// <param name="Reference">What caused it.</param>
/// <param name="Metadata">The posting's further facts as JSON.</param>
/// <param name="Counterparts">The other accounts of the posting, house accounts included.</param>
public sealed record EntryView(
    long Account,
    long Seq,
    long Amount,
    long BalanceAfter,
    DateTimeOffset PostedAt,
    DateTimeOffset OccurredAt,
    Guid Posting,
    string Kind,
    string? Reference,
    string? Metadata,
    IReadOnlyList<long> Counterparts
);

/// <summary>Which of an entry's two times a question is about.</summary>
public enum EntryTime
{
    /// <summary>When it was booked.</summary>
    Posted,

    /// <summary>When it happened in the world.</summary>
    Occurred,
}

/// <summary>Reads the book. Nothing here locks.</summary>
public sealed class LedgerReads(Database database)
{
    /// <summary>Accounts as they are now; ids that do not exist are left out.</summary>
    public Task<IReadOnlyDictionary<long, AccountView>> AccountsAsync(IReadOnlyCollection<long> accounts, CancellationToken cancel) =>
        throw new NotSupportedException(nameof(database) + database.Source.ConnectionString);

    /// <summary>Entries of one account, newest first, at the same cost on every page.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="beforeSeq">Only entries with a lower <c>seq</c>; null from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancel">Stops reading.</param>
    public Task<IReadOnlyList<EntryView>> EntriesAsync(long account, long? beforeSeq, int limit, CancellationToken cancel) =>
        throw new NotSupportedException(nameof(database) + database.Source.ConnectionString);

    /// <summary>Entries booked in <c>[from, to)</c>, oldest first, streamed.</summary>
    public IAsyncEnumerable<EntryView> StatementAsync(long account, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) =>
        throw new NotSupportedException(nameof(database) + database.Source.ConnectionString);

    /// <summary>The balance at an instant: the sum of entries at or before it.</summary>
    public Task<Amount> BalanceAtAsync(long account, DateTimeOffset at, EntryTime time, CancellationToken cancel) =>
        throw new NotSupportedException(nameof(database) + database.Source.ConnectionString);
}
