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
    /// <exception cref="Refusal">
    /// <c>currency_not_offered</c>, <c>wallet_exists</c>, <c>wallet_limit_reached</c>, <c>invalid_request</c> for the name
    /// </exception>
    public async Task<LedgerReceipt> OpenAsync(
        Guid person,
        Currency currency,
        string? name,
        ActivityEntry opened,
        IdempotencyKey? key,
        CancellationToken cancel
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
            var wallet = Draw(person, account, currency, clean);
            var commit = new LedgerCommit
            {
                Key = key,
                Inserts = { ActivityLog.Row(opened) },
                Complete = outcome => Answer.Json(201, WalletView.Of(wallet, outcome[account])),
            };
            AddTo(commit, wallet);
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

    /// <summary>A wallet as it is to be opened, with a number drawn for it; not stored yet.</summary>
    /// <param name="person">Its owner.</param>
    /// <param name="account">From <see cref="GeneralLedger.NewAccountIdAsync"/>.</param>
    /// <param name="currency">Its currency.</param>
    /// <param name="name">What its owner calls it.</param>
    public Wallet Draw(Guid person, long account, Currency currency, string name = Wallet.DefaultName)
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

    /// <summary>Makes a commit open the wallet. It is refused with <c>wallet_exists</c>, <c>wallet_limit_reached</c> or <c>wallet_number_taken</c>.</summary>
    public void AddTo(LedgerCommit commit, Wallet wallet)
    {
        var fact = wallet.Fact;
        var happened = new
        {
            wallet = fact.PublicId,
            fact.Number,
            fact.Currency,
            wallet.CreatedAt,
        };
        commit.Opens.Add(new AccountDraft(fact.Account, fact.Currency, "wallet"));
        commit.Rows.Add(CountOne(fact.Person));
        commit.Inserts.Add(Wallet.Shape.Row(wallet));
        commit.Inserts.Add(WalletEvents.Row("wallets.opened", fact, happened));
        commit.Constraints["wallets_number"] = WalletsRefusals.NumberTaken;
        commit.Constraints["wallets_person_currency"] = WalletsRefusals.WalletExists;
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
