using Florin.Platform;

namespace Florin.Ledger;

/// <summary><c>GET /v1/ledger/postings/{id}</c>: one posting with all of its entries, for staff; <c>GET /v1/ledger/postings?reference=</c>: what something caused.</summary>
internal static class ShowPosting
{
    private const int LongestReference = 100;

    public static void Map(RouteGroupBuilder ledger)
    {
        ledger.MapGet("/postings", ListAsync);
        ledger.MapGet("/postings/{id}", OneAsync);
    }

    private static async Task<Page<BookPosting>> ListAsync(string reference, LedgerExplorer explorer, CancellationToken cancel) =>
        reference.Length is > 0 and <= LongestReference && !reference.Contains('\0', StringComparison.Ordinal)
            ? new Page<BookPosting>(await explorer.CausedByAsync(reference, cancel), NextCursor: null)
            : throw PlatformRefusals.InvalidRequest.Field("reference", $"must have 1 to {LongestReference} characters");

    private static async Task<BookPosting> OneAsync(string id, LedgerExplorer explorer, CancellationToken cancel) =>
        await explorer.PostingAsync(Ids.Read(LedgerExplorer.Prefix, id), cancel) ?? throw PlatformRefusals.NotFound.With();
}
