using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Wallets;

/// <summary>Renames a wallet, and sets the amount above which its PIN is asked. What is left out stays as it is.</summary>
internal static class ChangeWallet
{
    public sealed record Request
    {
        /// <summary>1 to 30 characters.</summary>
        public string? Name { get; init; }

        /// <summary>In the wallet's currency, zero or more; null for never asking. Changing it needs the PIN.</summary>
        public Optional<Amount?> PinLimit { get; init; }

        /// <summary>The owner's PIN.</summary>
        [Secret]
        [StringLength(6)]
        public string? Pin { get; init; }
    }

    public static void Map(RouteGroupBuilder routes) => routes.MapPatch("/{id}", HandleAsync).RequireAuthorization(WalletsModule.Write);

    private static async Task<WalletView> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        WalletFacts facts,
        Pins pins,
        FlorinDb db,
        LedgerReads reads,
        GeneralLedger ledger,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var wallet = await facts.OwnAsync(caller.Person, id, cancel);
        var commit = new LedgerCommit();
        var changed = new Dictionary<string, object?>(StringComparer.Ordinal) { ["wallet"] = wallet.PublicId };
        if (request.Name is not null)
        {
            var name = Wallet.CleanName(request.Name);
            commit.Rows.Add(Rename(wallet, name));
            changed["name"] = name;
        }

        if (request.PinLimit is { Given: true, Value: var limit })
        {
            if (limit is { } amount)
            {
                wallet.Demand(amount);
            }

            await pins.VerifyAsync(caller.Person, request.Pin ?? throw LedgerRefusals.ProofRequired.With("Give the PIN to change its limit."), cancel);
            commit.Changes.Add(new AccountChange(wallet.Account) { SetProofLimit = true, ProofLimit = limit?.Minor });
            changed["pin_limit"] = limit;
        }

        if (changed.Count > 1)
        {
            commit.Inserts.Add(WalletEvents.Row("wallets.changed", wallet, changed));
            commit.Inserts.Add(ActivityLog.Row(activity.Entry(http, "wallets.changed", details: changed)));
            await ledger.CommitAsync(commit);
        }

        return await ListWallets.ReadAsync(wallet.Id, caller, db, reads, cancel);
    }

    private static RowChange Rename(WalletFact wallet, string name) =>
        new(
            "update wallets.wallets set name = $2 where id = $1 and closed_at is null",
            [new NpgsqlParameter<Guid> { TypedValue = wallet.Id }, new NpgsqlParameter<string> { TypedValue = name }],
            Rows: 1,
            LedgerRefusals.AccountClosed,
            "wallets.wallets",
            wallet.Id
        );
}
