using Florin.Ledger;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary><c>GET /v1/wallets/{id}/entries/{entry}</c>: one entry of a wallet, by the public id of its posting.</summary>
internal static class ShowEntry
{
    private const int HexDigits = 32;

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}/entries/{entry}", HandleAsync).RequireAuthorization(WalletsModule.Read);

    private static async Task<ListEntries.Response> HandleAsync(
        string id,
        string entry,
        Caller caller,
        WalletFacts facts,
        LedgerReads reads,
        WalletNames names,
        CancellationToken cancel
    )
    {
        var wallet = await facts.OwnAsync(caller.Person, id, cancel);
        var prefix = entry.Length > HexDigits + 1 ? entry[..^(HexDigits + 1)] : "";
        var found = await reads.OfPostingAsync(wallet.Account, Ids.Read(prefix, entry), cancel);
        // A fee that was taken with a deposit is a posting of its own, so that one wallet has one entry of a posting.
        return found is [var only, ..] && string.Equals(PostingIds.Show(only.Kind, only.Posting), entry, StringComparison.Ordinal)
            ? ListEntries.Show(only, wallet.Currency, await names.OfCounterpartsAsync([only], caller.Person, cancel))
            : throw PlatformRefusals.NotFound.With();
    }
}
