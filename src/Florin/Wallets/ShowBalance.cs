using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>What a wallet held at an instant.</summary>
internal static class ShowBalance
{
    /// <param name="Wallet">The wallet.</param>
    /// <param name="Balance">The sum of its entries at or before the instant.</param>
    /// <param name="AsOf">The instant.</param>
    /// <param name="Basis">By which of the two times entries are taken.</param>
    public sealed record Response(string Wallet, Amount Balance, DateTimeOffset AsOf, EntryTime Basis);

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}/balance", HandleAsync).RequireAuthorization(WalletsModule.Read);

    private static async Task<Response> HandleAsync(
        string id,
        string? as_of,
        string? basis,
        Caller caller,
        WalletFacts facts,
        LedgerReads reads,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var wallet = await facts.OwnAsync(caller.Person, id, cancel);
        var at = as_of is null ? clock.GetUtcNow() : Instants.Read(as_of, "as_of");
        var time = basis switch
        {
            null or "posted" => EntryTime.Posted,
            "occurred" => EntryTime.Occurred,
            _ => throw PlatformRefusals.InvalidRequest.Field("basis", "must be posted or occurred"),
        };
        var balance = new Amount(await reads.BalanceAtAsync(wallet.Account, at, time, cancel), wallet.Currency);
        return new Response(wallet.PublicId, balance, at, time);
    }
}
