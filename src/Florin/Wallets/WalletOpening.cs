using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Wallets;

/// <summary>Opens wallets: the row, the ledger's account and the count of the owner's wallets in one commit.</summary>
public sealed class WalletOpening(GeneralLedger ledger, WalletFacts facts, Settings settings, TimeProvider clock)
{
    private const int NumbersToTry = 5;

    /// <summary>Opens a wallet.</summary>
    /// <param name="person">Its owner.</param>
    /// <param name="currency">Its currency.</param>
    /// <param name="name">What its owner calls it; null for the default.</param>
    /// <param name="opened">The activity row.</param>
    /// <param name="key">The caller's idempotency key, where there is one.</param>
    /// <param name="cancel">Stops looking; not the commit.</param>
    /// <param name="furnish">What else belongs in the commit, such as money; called again for every number that is tried.</param>
    /// <exception cref="Refusal">
    /// <c>currency_not_offered</c>, <c>wallet_exists</c>, <c>wallet_limit_reached</c>, <c>invalid_request</c> for the name
    /// </exception>
    public async Task<LedgerReceipt> OpenAsync(
        Guid person,
        Currency currency,
        string? name,
        ActivityEntry opened,
        IdempotencyKey? key,
        CancellationToken cancel,
        Action<LedgerCommit, WalletFact>? furnish = null
    )
    {
        if (!settings.Currencies.Contains(currency))
        {
            throw WalletsRefusals.CurrencyNotOffered.With($"Choose one of {string.Join(", ", settings.Currencies)}.");
        }

        var clean = name is null ? Wallet.DefaultName : Wallet.CleanName(name);
        if ((await facts.OfPersonAsync(person, cancel)).Any(fact => fact.Currency == currency))
        {
            throw WalletsRefusals.WalletExists.With();
        }

        var account = await ledger.NewAccountIdAsync(cancel);
        for (var attempt = 1; ; attempt++)
        {
            var wallet = NewWallet(person, account, currency, clean);
            var commit = CommitOf(wallet, opened, key);
            furnish?.Invoke(commit, wallet.Fact);
            try
            {
                return await ledger.CommitAsync(commit);
            }
            catch (Refusal refusal) when (refusal.Reason == WalletsRefusals.NumberTaken && attempt < NumbersToTry)
            {
                // Another number, by the same way.
            }
        }
    }

    private Wallet NewWallet(Guid person, long account, Currency currency, string name)
    {
        var now = clock.GetUtcNow();
        return new Wallet
        {
            Id = Ids.New(),
            PersonId = person,
            AccountId = account,
            Currency = currency.Code,
            Number = Wallet.NewNumber(),
            Name = name,
            CreatedAt = now,
            FeeNextDueAt = now + MonthlyFee.Period,
        };
    }

    private LedgerCommit CommitOf(Wallet wallet, ActivityEntry opened, IdempotencyKey? key)
    {
        var fact = wallet.Fact;
        var happened = new
        {
            wallet = fact.PublicId,
            fact.Number,
            fact.Currency,
            wallet.CreatedAt,
        };
        return new LedgerCommit
        {
            Key = key,
            Opens = { new AccountDraft(fact.Account, fact.Currency, "wallet") },
            Rows = { CountOne(fact.Person) },
            Inserts = { Wallet.Shape.Row(wallet), WalletEvents.Row("wallets.opened", fact, happened), ActivityLog.Row(opened) },
            Constraints = { ["wallets_number"] = WalletsRefusals.NumberTaken, ["wallets_person_currency"] = WalletsRefusals.WalletExists },
            Complete = outcome => Answer.Json(201, WalletView.Of(wallet, outcome[fact.Account])),
        };
    }

    // The row lock of this one statement is what makes the limit hold, however many servers open wallets at once.
    private RowChange CountOne(Guid person) =>
        new(
            "insert into wallets.owners as o (person_id, open_wallets) values ($1, 1) "
                + "on conflict (person_id) do update set open_wallets = o.open_wallets + 1 where o.open_wallets < $2",
            [new NpgsqlParameter<Guid> { TypedValue = person }, new NpgsqlParameter<int> { TypedValue = settings.WalletsPerPerson }],
            Rows: 1,
            WalletsRefusals.WalletLimitReached,
            "wallets.owners",
            person
        );
}
