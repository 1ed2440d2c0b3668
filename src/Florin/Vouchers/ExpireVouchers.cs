using System.Diagnostics.Metrics;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Vouchers;

/// <summary>
/// Ends vouchers whose time is over; what nobody used of them is earned (breakage). Each is one commit, guarded by its state, so that several servers at
/// once book it once.
/// </summary>
internal sealed partial class ExpireVouchers(
    IServiceScopeFactory scopes,
    GeneralLedger ledger,
    HouseAccounts house,
    TimeProvider clock,
    ILogger<ExpireVouchers> log
)
{
    /// <summary>Every minute.</summary>
    public static readonly RecurringJob Job = new(
        "vouchers.expire",
        "23 * * * * ?",
        (services, cancel) => services.GetRequiredService<ExpireVouchers>().RunAsync(cancel)
    );

    private const int PageSize = 500;
    private const int InFlight = 64;

    private const string Expire = """
        update vouchers.vouchers set state = 'expired', ended_at = $2 where id = $1 and state = 'active' and uses_left = $3 and expires_at <= $2
        """;

    private static readonly Meter Meter = new("Florin.Vouchers");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("florin.vouchers.expired", description: "Vouchers that expired with uses left");

    /// <summary>Ends all that are due.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var after = (At: DateTimeOffset.MinValue, Id: Guid.Empty);
        List<Voucher> due;
        do
        {
            due = await ReadDueAsync(now, after.At, after.Id, cancel);
            await Parallel.ForEachAsync(
                due,
                new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancel },
                async (voucher, _) => await EndAsync(voucher, now)
            );
            after = due.Count == 0 ? after : (due[^1].ExpiresAt, due[^1].Id);
        } while (due.Count == PageSize);
    }

    private async Task EndAsync(Voucher voucher, DateTimeOffset now)
    {
        NpgsqlParameter[] values =
        [
            new NpgsqlParameter<Guid> { TypedValue = voucher.Id },
            new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
            new NpgsqlParameter<int> { TypedValue = voucher.UsesLeft },
        ];
        var commit = new LedgerCommit
        {
            Rows = { new RowChange(Expire, values, 1, LedgerRefusals.AlreadyDone, "vouchers.vouchers", voucher.Id) },
            Inserts =
            {
                VoucherHistory.Row(voucher.Id, VoucherHistory.Expired, now, voucher.UsesLeft),
                VoucherEvents.Row(VoucherEvents.Expired, voucher, VoucherStates.Expired, voucher.UsesLeft),
            },
        };
        if (voucher.Outstanding > 0)
        {
            var currency = Currency.Of(voucher.Currency);
            var liability = await house.IdAsync(HouseAccount.VoucherLiability, currency, CancellationToken.None);
            var revenue = await house.IdAsync(HouseAccount.VoucherRevenue, currency, CancellationToken.None);
            commit.Postings.Add(new PostingDraft("voucher_expired", new Move(liability, revenue, voucher.Outstanding)) { Reference = voucher.PublicId });
        }

        try
        {
            await ledger.CommitAsync(commit);
            Ended.Add(1);
        }
        catch (Refusal refusal) when (refusal.Reason == LedgerRefusals.AlreadyDone)
        {
            // Another server ended it, or staff gave a use back this moment: the next run sees.
        }
        catch (Refusal refusal)
        {
            // The ledger judges money before rows: what another server has just booked may look like a liability that is short.
            if (refusal.Reason != LedgerRefusals.InsufficientFunds || await IsActiveAsync(voucher.Id))
            {
                LogNotExpired(refusal, voucher.Id);
            }
        }
    }

    private async Task<bool> IsActiveAsync(Guid voucher)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<FlorinDb>().Vouchers.AnyAsync(one => one.Id == voucher && one.State == VoucherStates.Active);
    }

    private async Task<List<Voucher>> ReadDueAsync(DateTimeOffset now, DateTimeOffset at, Guid id, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<FlorinDb>()
            .Vouchers.AsNoTracking()
            .Where(one => one.State == VoucherStates.Active && one.ExpiresAt <= now && (one.ExpiresAt > at || (one.ExpiresAt == at && one.Id > id)))
            .OrderBy(one => one.ExpiresAt)
            .ThenBy(one => one.Id)
            .Take(PageSize)
            .ToListAsync(cancel);
    }

    [LoggerMessage(LogLevel.Error, "voucher {Voucher} could not be ended and is tried again")]
    private partial void LogNotExpired(Exception reason, Guid voucher);
}
