using System.Buffers.Binary;
using System.Buffers.Text;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>
/// What went in and out of a wallet, newest first, at the same cost on every page. Of all entries those of a period (<c>from</c>, <c>to</c>: days in UTC,
/// both included, or moments), a direction (<c>in</c>, <c>out</c>) or a kind, and those whose note or reference holds <c>q</c>, or whose other wallet has
/// that number.
/// </summary>
internal static class ListEntries
{
    private const int LongestKind = 50;

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
        string? direction,
        string? kind,
        string? from,
        string? to,
        string? q,
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
        var filter = await FilterAsync(direction, kind, q, facts, cancel);
        if (from is not null || to is not null)
        {
            var start = from is null ? DateTimeOffset.UnixEpoch : Instants.ReadDayOrTime(from, "from", end: false);
            var end = to is null ? DateTimeOffset.MaxValue.AddDays(-1) : Instants.ReadDayOrTime(to, "to", end: true);
            var range = await reads.RangeAsync(wallet.Account, start, end, cancel);
            filter = filter with { AfterSeq = range.AfterSeq };
            before = Math.Min(before ?? long.MaxValue, range.LastSeq + 1);
        }

        var entries =
            filter == new EntryFilter()
                ? await reads.EntriesAsync(wallet.Account, before, take + 1, cancel)
                : await reads.EntriesAsync(wallet.Account, before, take + 1, filter, cancel);
        var shown = entries.Take(take).ToList();
        var others = await names.OfCounterpartsAsync(shown, caller.Person, cancel);
        return new Page<Response>([.. shown.Select(entry => Show(entry, wallet.Currency, others))], entries.Count > take ? ShowCursor(shown[^1].Seq) : null);
    }

    private static async Task<EntryFilter> FilterAsync(string? direction, string? kind, string? q, WalletFacts facts, CancellationToken cancel)
    {
        var text = string.IsNullOrWhiteSpace(q) ? null : q.Trim();
        if (text?.Length > Notes.Length || text?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw PlatformRefusals.InvalidRequest.Field("q", $"must have at most {Notes.Length} characters");
        }

        if (kind?.Length > LongestKind || kind?.All(c => char.IsAsciiLetterLower(c) || c is '_') == false)
        {
            throw PlatformRefusals.InvalidRequest.Field("kind", "must be a kind of entry such as transfer");
        }

        return new EntryFilter
        {
            Incoming = direction switch
            {
                null => null,
                "in" => true,
                "out" => false,
                _ => throw PlatformRefusals.InvalidRequest.Field("direction", "must be in or out"),
            },
            Kind = kind,
            Text = text is null ? null : Like.Part(text),
            Counterpart = text is { Length: 10 } && text.All(char.IsAsciiDigit) ? (await facts.ByNumberAsync(text, cancel))?.Account : null,
        };
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
