using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Wallets;

/// <summary>Opens wallets: the row, the ledger's account and the count of the owner's wallets in one commit.</summary>
public sealed class WalletOpening(GeneralLedger ledger, WalletFacts facts, IServiceProvider services, Settings settings, TimeProvider clock)
{
    private const int NumbersToTry = 5;
    internal const string OwnersTable = "wallets.owners";

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
        if (await HasAsync(person, currency, cancel))
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
            catch (Refusal refusal) when (refusal.Reason == WalletsRefusals.WalletLimitReached)
            {
                // The statement's guard cannot say which: somebody may have opened this one meanwhile.
                throw await HasAsync(person, currency, cancel) ? WalletsRefusals.WalletExists.With() : refusal;
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

    /// <summary>A wallet that comes from another system with its number; not stored yet.</summary>
    /// <param name="person">Its owner.</param>
    /// <param name="account">From <see cref="GeneralLedger.NewAccountIdAsync"/>.</param>
    /// <param name="currency">Its currency.</param>
    /// <param name="name">What its owner calls it; null for the default.</param>
    /// <param name="number">Its ten digits, by which others send money to it.</param>
    /// <param name="feeNextDueAt">When its next monthly fee is due; 30 days from now where that is over.</param>
    /// <exception cref="Refusal"><c>invalid_request</c> for name or number</exception>
    public Wallet Restore(Guid person, long account, Currency currency, string? name, string number, DateTimeOffset? feeNextDueAt)
    {
        var now = clock.GetUtcNow();
        return new Wallet
        {
            Id = Ids.New(),
            PersonId = person,
            AccountId = account,
            Currency = currency.Code,
            Number =
                number.Length == 10 && number.All(char.IsAsciiDigit)
                    ? number
                    : throw PlatformRefusals.InvalidRequest.Field("wallet_number", "must be ten digits"),
            Name = string.IsNullOrWhiteSpace(name) ? Wallet.DefaultName : Wallet.CleanName(name),
            CreatedAt = now,
            FeeNextDueAt = feeNextDueAt > now ? feeNextDueAt.Value : now + MonthlyFee.Period,
        };
    }

    /// <summary>What a wallet owes that could not pay its monthly fee, in its own currency; null where there is no fee.</summary>
    public Task<ArrearsDraft?> FeeOwedAsync(Currency currency, CancellationToken cancel) =>
        services.GetRequiredService<MonthlyFee>().OwedAsync(currency, cancel);

    /// <summary>Makes a commit open the wallet. It is refused with <c>wallet_limit_reached</c> (also where there is one in its currency) or <c>wallet_number_taken</c>.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="wallet">From <see cref="Draw"/> or <see cref="Restore"/>.</param>
    /// <param name="proofLimit">Outgoing money above this needs the PIN, minor units; null for never.</param>
    public void AddTo(LedgerCommit commit, Wallet wallet, long? proofLimit = null)
    {
        var fact = wallet.Fact;
        var happened = new
        {
            wallet = fact.PublicId,
            fact.Number,
            fact.Currency,
            wallet.CreatedAt,
        };
        commit.Opens.Add(new AccountDraft(fact.Account, fact.Currency, "wallet") { ProofLimit = proofLimit });
        commit.Rows.Add(Lock(fact.Person));
        commit.Rows.Add(Open(wallet));
        commit.Inserts.Add(WalletEvents.Row("wallets.opened", fact, happened));
        commit.Constraints["wallets_number"] = WalletsRefusals.NumberTaken;
        commit.Constraints["wallets_person_currency"] = WalletsRefusals.WalletExists;
    }

    private async Task<bool> HasAsync(Guid person, Currency currency, CancellationToken cancel) =>
        (await facts.OfPersonAsync(person, cancel)).Any(fact => fact.Currency == currency);

    /// <summary>
    /// Locks the owner's row by a statement of its own, so that the next one sees all that the person has, whoever opens more at this moment.
    /// </summary>
    internal static RowChange Lock(Guid person) =>
        new(
            "insert into wallets.owners as o (person_id, open_wallets) values ($1, 0) on conflict (person_id) do update set open_wallets = o.open_wallets",
            [new NpgsqlParameter<Guid> { TypedValue = person }],
            Rows: 1,
            LedgerRefusals.AlreadyDone,
            OwnersTable,
            person
        );

    private RowChange Open(Wallet wallet) =>
        new(
            """
            with counted as (
                update wallets.owners set open_wallets = open_wallets + 1
                where person_id = $2 and open_wallets < $9
                    and not exists (select from wallets.wallets where person_id = $2 and currency = $4 and closed_at is null)
                returning person_id
            )
            insert into wallets.wallets (id, person_id, account_id, currency, number, name, created_at, fee_next_due_at)
            select $1, person_id, $3, $4, $5, $6, $7, $8 from counted
            """,
            [
                new NpgsqlParameter<Guid> { TypedValue = wallet.Id },
                new NpgsqlParameter<Guid> { TypedValue = wallet.PersonId },
                new NpgsqlParameter<long> { TypedValue = wallet.AccountId },
                new NpgsqlParameter<string> { TypedValue = wallet.Currency },
                new NpgsqlParameter<string> { TypedValue = wallet.Number },
                new NpgsqlParameter<string> { TypedValue = wallet.Name },
                new NpgsqlParameter<DateTime> { TypedValue = wallet.CreatedAt.UtcDateTime },
                new NpgsqlParameter<DateTime> { TypedValue = wallet.FeeNextDueAt.UtcDateTime },
                new NpgsqlParameter<int> { TypedValue = settings.WalletsPerPerson },
            ],
            Rows: 1,
            WalletsRefusals.WalletLimitReached,
            OwnersTable,
            wallet.PersonId
        );
}
