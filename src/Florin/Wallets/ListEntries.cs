using System.Buffers.Binary;
using System.Buffers.Text;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>What went in and out of a wallet, newest first, at the same cost on every page.</summary>
internal static class ListEntries
{
    /// <param name="Wallet">The number of the other wallet.</param>
    /// <param name="Name">What it is called, where it is the caller's own too: what others call theirs is theirs.</param>
    public sealed record Counterpart(string Wallet, string? Name);

    /// <param name="Id">The posting's public id; the same on both sides.</param>
    /// <param name="Seq">1, 2, 3 … without a gap.</param>
    /// <param name="Kind"><c>deposit</c>, <c>withdrawal</c>, <c>transfer</c>, <c>fee</c> …</param>
    /// <param name="Amount">Above zero for money in, below for money out.</param>
    /// <param name="BalanceAfter">What the wallet held after it.</param>
    /// <param name="Counterpart">The other wallet, where there is one.</param>
    /// <param name="Note">What the sender wrote.</param>
    /// <param name="Sent">Of a conversion: what left the sender's wallet.</param>
    /// <param name="Received">Of a conversion: what reached the receiver's wallet.</param>
    /// <param name="Rate">Of a conversion: its rate.</param>
    /// <param name="Reference">What caused it.</param>
    /// <param name="PostedAt">When it was booked.</param>
    /// <param name="OccurredAt">When it happened.</param>
    public sealed record Response(
        string Id,
        long Seq,
        string Kind,
        Amount Amount,
        Amount BalanceAfter,
        Counterpart? Counterpart,
        string? Note,
        Amount? Sent,
        Amount? Received,
        string? Rate,
        string? Reference,
        DateTimeOffset PostedAt,
        DateTimeOffset OccurredAt
    );

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}/entries", HandleAsync).RequireAuthorization(WalletsModule.Read);

    private static async Task<Page<Response>> HandleAsync(
        string id,
        int? limit,
        string? cursor,
        Caller caller,
        WalletFacts facts,
        LedgerReads reads,
        WalletNames names,
        CancellationToken cancel
    )
    {
        var take = PageRequest.Read(limit, cursor: null).Limit;
        var before = ReadCursor(cursor);
        var wallet = await facts.OwnAsync(caller.Person, id, cancel);
        var entries = await reads.EntriesAsync(wallet.Account, before, take + 1, cancel);
        var shown = entries.Take(take).ToList();
        var others = await names.OfCounterpartsAsync(shown, caller.Person, cancel);
        return new Page<Response>([.. shown.Select(entry => Show(entry, wallet.Currency, others))], entries.Count > take ? ShowCursor(shown[^1].Seq) : null);
    }

    /// <summary>An entry as its owner sees it.</summary>
    public static Response Show(EntryView entry, Currency currency, IReadOnlyDictionary<long, Counterpart> others)
    {
        var facts = PostingFacts.Read(entry.Metadata);
        return new Response(
            PostingIds.Show(entry.Kind, entry.Posting),
            entry.Seq,
            entry.Kind,
            new Amount(entry.Amount, currency),
            new Amount(entry.BalanceAfter, currency),
            entry.Counterparts.Select(account => others.GetValueOrDefault(account)).FirstOrDefault(other => other is not null),
            facts.Note,
            facts.Sent,
            facts.Received,
            facts.Rate,
            entry.Reference,
            entry.PostedAt,
            entry.OccurredAt
        );
    }

    private static string ShowCursor(long seq)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, seq);
        return Base64Url.EncodeToString(bytes);
    }

    private static long? ReadCursor(string? cursor)
    {
        Span<byte> bytes = stackalloc byte[8];
        return cursor is null ? null
            : cursor.Length == 11 && Base64Url.TryDecodeFromChars(cursor, bytes, out var count) && count == 8 ? BinaryPrimitives.ReadInt64BigEndian(bytes)
            : throw PlatformRefusals.InvalidRequest.Field("cursor", "is not one that a list gave");
    }
}
