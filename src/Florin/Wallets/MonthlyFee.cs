using System.Diagnostics.Metrics;
using Florin.Activity;
using Florin.Fx;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Wallets;

/// <summary>
/// Charges every open wallet its monthly fee: first 30 days after it was opened, then every 30 days on a fixed grid. Each period of each wallet is
/// one commit, guarded by the due time that it moves on, so that a missed run catches up period by period and no two servers charge one period.
/// The fee is an amount that the wallet owes: the ledger takes it at once where the money is there, and otherwise blocks outgoing money until it is.
/// </summary>
internal sealed partial class MonthlyFee(
    Settings settings,
    Database database,
    GeneralLedger ledger,
    HouseAccounts house,
    Rates rates,
    ActivityLog activity,
    TimeProvider clock,
    ILogger<MonthlyFee> log
)
{
    /// <summary>From one fee to the next.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromDays(30);

    /// <summary>Every hour; most runs find nothing due.</summary>
    public static readonly RecurringJob Job = new(
        "wallets.charge_monthly_fee",
        "0 7 * * * ?",
        (services, cancel) => services.GetRequiredService<MonthlyFee>().RunAsync(cancel)
    );

    private const int PageSize = 1000;
    private const int InFlight = 64;

    private static readonly Meter Meter = new("Florin.Wallets");
    private static readonly Counter<long> Charged = Meter.CreateCounter<long>("florin.wallets.fees", description: "Monthly fees, by outcome");

    /// <summary>Charges all that is due now.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var fees = new Dictionary<Currency, Charge?>();
        var after = (Due: DateTime.MinValue, Id: Guid.Empty);
        while (true)
        {
            var page = await ReadDueAsync(now, after, cancel);
            foreach (var currency in page.Select(due => due.Wallet.Currency).Distinct())
            {
                if (!fees.ContainsKey(currency))
                {
                    fees[currency] = await FeeInAsync(currency, cancel);
                }
            }

            await Parallel.ForEachAsync(
                page,
                new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancel },
                async (due, _) =>
                {
                    if (fees[due.Wallet.Currency] is { } fee)
                    {
                        await ChargeAsync(due, fee, now);
                    }
                }
            );
            if (page.Count < PageSize)
            {
                return;
            }

            after = (page[^1].At, page[^1].Wallet.Id);
        }
    }

    /// <summary>What a wallet of this currency owes for one period; null where that is nothing, or cannot be converted now.</summary>
    public async Task<ArrearsDraft?> OwedAsync(Currency currency, CancellationToken cancel) =>
        await FeeInAsync(currency, cancel) is { } charge ? new ArrearsDraft(charge.Fee.Minor, charge.Revenue) : null;

    // What a period costs in this currency; null where it costs nothing or cannot be converted now, which the next run tries again.
    private async Task<Charge?> FeeInAsync(Currency currency, CancellationToken cancel)
    {
        try
        {
            if (!settings.MonthlyFees.TryGetValue(currency, out var fee))
            {
                fee = settings.MonthlyFee;
                if (fee.Minor > 0 && fee.Currency != currency)
                {
                    var worth = (await rates.GetAsync(fee.Currency, currency, cancel)).Worth(fee);
                    fee = worth with { Minor = Math.Max(1, worth.Minor) };
                }
            }

            return fee.Minor == 0 ? null : new Charge(fee, await house.IdAsync(HouseAccount.FeeRevenue, currency, cancel));
        }
        catch (Refusal refusal)
        {
            LogNoFee(refusal, currency);
            Charged.Add(1, new KeyValuePair<string, object?>("outcome", "unconverted"));
            return null;
        }
    }

    private async Task ChargeAsync(DueWallet due, Charge charge, DateTimeOffset now)
    {
        for (var at = due.At; at <= now.UtcDateTime; at += Period)
        {
            try
            {
                await ledger.CommitAsync(CommitOf(due.Wallet, charge, at));
                Charged.Add(1, new KeyValuePair<string, object?>("outcome", "charged"));
            }
            catch (Refusal refusal) when (refusal.Reason == LedgerRefusals.AlreadyDone || refusal.Reason == LedgerRefusals.AccountClosed)
            {
                return; // another server charges this wallet now, or its owner has just closed it
            }
            catch (Refusal refusal)
            {
                LogNotCharged(refusal, due.Wallet.PublicId, at);
                Charged.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));
                return;
            }
        }
    }

    private LedgerCommit CommitOf(WalletFact wallet, Charge charge, DateTime dueAt)
    {
        var owed = new
        {
            wallet = wallet.PublicId,
            wallet.Number,
            amount = charge.Fee,
            DueAt = new DateTimeOffset(dueAt),
        };
        return new LedgerCommit
        {
            Rows =
            {
                new RowChange(
                    "update wallets.wallets set fee_next_due_at = $2 where id = $1 and fee_next_due_at = $3 and closed_at is null",
                    [
                        new NpgsqlParameter<Guid> { TypedValue = wallet.Id },
                        new NpgsqlParameter<DateTime> { TypedValue = dueAt + Period },
                        new NpgsqlParameter<DateTime> { TypedValue = dueAt },
                    ],
                    Rows: 1,
                    LedgerRefusals.AlreadyDone,
                    "wallets.wallets",
                    wallet.Id
                ),
            },
            Changes = { new AccountChange(wallet.Account) { Arrears = new ArrearsDraft(charge.Fee.Minor, charge.Revenue) } },
            Complete = outcome =>
            {
                if (outcome.Collected.Count > 0)
                {
                    WalletEvents.TellCollectedFees(outcome, wallet, activity);
                }
                else
                {
                    outcome.Inserts.Add(WalletEvents.Row("wallets.fee_owed", wallet, owed));
                    outcome.Inserts.Add(ActivityLog.Row(activity.Entry("wallets.fee_owed", wallet.Person, owed)));
                }

                return new Answer(204, []);
            },
        };
    }

    private async Task<List<DueWallet>> ReadDueAsync(DateTimeOffset now, (DateTime Due, Guid Id) after, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select id, person_id, account_id, currency, number, fee_next_due_at from wallets.wallets "
                + "where closed_at is null and fee_next_due_at <= $1 and (fee_next_due_at, id) > ($2, $3) order by fee_next_due_at, id limit $4"
        );
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = DateTime.SpecifyKind(after.Due, DateTimeKind.Utc) });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.Id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var due = new List<DueWallet>();
        while (await reader.ReadAsync(cancel))
        {
            var currency = Currency.Of(reader.GetString(3));
            var wallet = new WalletFact(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), currency, reader.GetString(4));
            due.Add(new DueWallet(wallet, reader.GetDateTime(5)));
        }

        return due;
    }

    [LoggerMessage(LogLevel.Warning, "no monthly fee in {Currency} this time: it could not be converted")]
    private partial void LogNoFee(Exception reason, Currency currency);

    [LoggerMessage(LogLevel.Error, "the monthly fee of {Wallet} due at {At} was refused and is tried again")]
    private partial void LogNotCharged(Exception reason, string wallet, DateTime at);

    private sealed record DueWallet(WalletFact Wallet, DateTime At);

    private sealed record Charge(Amount Fee, long Revenue);
}
