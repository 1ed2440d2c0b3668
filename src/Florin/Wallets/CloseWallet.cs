using Florin.Activity;
using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Wallets;

/// <summary>Closes an empty wallet for ever; another in its currency may be opened afterwards.</summary>
internal static class CloseWallet
{
    public static void Map(RouteGroupBuilder routes) =>
        routes.MapDelete("/{id}", HandleAsync).RequireAuthorization(WalletsModule.Write).LimitRate(RateLimit.Money);

    private static async Task<IResult> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        WalletFacts facts,
        GeneralLedger ledger,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var wallet = await facts.OwnAsync(caller.Person, id, cancel);
        var now = clock.GetUtcNow();
        await ledger.CommitAsync(
            new LedgerCommit
            {
                Changes = { new AccountChange(wallet.Account) { Set = AccountFlags.Closed } },
                Rows =
                {
                    new RowChange(
                        "update wallets.wallets set closed_at = $2 where id = $1 and closed_at is null",
                        [new NpgsqlParameter<Guid> { TypedValue = wallet.Id }, new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime }],
                        Rows: 1,
                        LedgerRefusals.AccountClosed,
                        "wallets.wallets",
                        wallet.Id
                    ),
                    new RowChange(
                        "update wallets.owners set open_wallets = open_wallets - 1 where person_id = $1",
                        [new NpgsqlParameter<Guid> { TypedValue = wallet.Person }],
                        Rows: 1,
                        LedgerRefusals.AlreadyDone,
                        "wallets.owners",
                        wallet.Person
                    ),
                },
                Inserts =
                {
                    WalletEvents.Row(
                        "wallets.closed",
                        wallet,
                        new
                        {
                            wallet = wallet.PublicId,
                            wallet.Number,
                            ClosedAt = now,
                        }
                    ),
                    ActivityLog.Row(activity.Entry(http, "wallets.closed", details: new { wallet = wallet.PublicId })),
                },
            }
        );
        return Results.NoContent();
    }
}
