using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Vouchers;

/// <summary>
/// Takes vouchers back when their payment is refunded, and gives them again where a gateway could not pay. A voucher goes back whole, for the unused
/// uses' part of what was paid for it, rounded down; the remainder of that rounding is earned.
/// </summary>
internal sealed class VoucherRefunds(IServiceScopeFactory scopes, HouseAccounts house, TimeProvider clock)
{
    private const string Cancel = """
        update vouchers.vouchers set state = 'cancelled', ended_at = $3, refund_id = $4, refunded = $5
        where id = $1 and state = 'active' and uses_left = $2 and expires_at > $3
        """;

    // The time that the refund took is not lost to its owner.
    private const string Restore = """
        update vouchers.vouchers set state = 'active', expires_at = expires_at + ($3 - ended_at), ended_at = null, refund_id = null, refunded = 0
        where id = $1 and state = 'cancelled' and refund_id = $2
        """;

    /// <summary>What can be paid back now.</summary>
    public async Task<long?> RefundableAsync(PaymentFact payment, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return (await OfPaymentAsync(payment, cancel)).Sum(voucher => voucher.RefundableAt(now));
    }

    /// <summary>Cancels the vouchers whose refunds add up to the amount: those with the most left first.</summary>
    /// <exception cref="Refusal"><c>refund_not_whole_vouchers</c></exception>
    public async Task TakeBackAsync(PaymentFact payment, RefundPart part, LedgerCommit commit, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        long rest = 0;
        foreach (var voucher in Choose(await OfPaymentAsync(payment, cancel), part.Amount, now))
        {
            var back = voucher.RefundableAt(now);
            rest += voucher.Outstanding - back;
            NpgsqlParameter[] values =
            [
                new NpgsqlParameter<Guid> { TypedValue = voucher.Id },
                new NpgsqlParameter<int> { TypedValue = voucher.UsesLeft },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
                new NpgsqlParameter<Guid> { TypedValue = part.Refund },
                new NpgsqlParameter<long> { TypedValue = back },
            ];
            commit.Rows.Add(new RowChange(Cancel, values, 1, VouchersRefusals.Changed, "vouchers.vouchers", voucher.Id));
            commit.Inserts.Add(VoucherHistory.Row(voucher.Id, VoucherHistory.Cancelled, now, voucher.UsesLeft));
            commit.Inserts.Add(VoucherEvents.Row(VoucherEvents.Cancelled, voucher, VoucherStates.Cancelled, voucher.UsesLeft));
        }

        await AddRestAsync(commit, payment, rest, earned: true, cancel);
    }

    /// <summary>Makes the vouchers good again that a refund had cancelled.</summary>
    public async Task GiveAgainAsync(PaymentFact payment, RefundPart part, LedgerCommit commit, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        long rest = 0;
        foreach (var voucher in (await OfPaymentAsync(payment, cancel)).Where(one => one.RefundId == part.Refund))
        {
            rest += voucher.Held(voucher.UsesLeft) - voucher.Refunded;
            NpgsqlParameter[] values =
            [
                new NpgsqlParameter<Guid> { TypedValue = voucher.Id },
                new NpgsqlParameter<Guid> { TypedValue = part.Refund },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
            ];
            commit.Rows.Add(new RowChange(Restore, values, 1, LedgerRefusals.AlreadyDone, "vouchers.vouchers", voucher.Id));
            commit.Inserts.Add(VoucherHistory.Row(voucher.Id, VoucherHistory.Restored, now, voucher.UsesLeft));
            commit.Inserts.Add(VoucherEvents.Row(VoucherEvents.Restored, voucher, VoucherStates.Active, voucher.UsesLeft));
        }

        await AddRestAsync(commit, payment, rest, earned: false, cancel);
    }

    private static List<Voucher> Choose(List<Voucher> vouchers, Amount amount, DateTimeOffset now)
    {
        var active = vouchers
            .Where(voucher => voucher.StateAt(now) is VoucherStates.Active)
            .OrderByDescending(voucher => voucher.RefundableAt(now))
            .ThenBy(voucher => voucher.Place)
            .ToList();
        if (active.Sum(voucher => voucher.RefundableAt(now)) == amount.Minor)
        {
            return active; // with those that cost nothing
        }

        var sums = new List<Amount>();
        long sum = 0;
        for (var i = 0; i < active.Count; i++)
        {
            sum += active[i].RefundableAt(now);
            if (sum == amount.Minor)
            {
                return active[..(i + 1)];
            }

            sums.Add(amount with { Minor = sum });
        }

        throw VouchersRefusals.RefundNotWhole.With(sums.Count == 0 ? "Nothing is left of them." : $"It can be {string.Join(", ", sums.Distinct())}.");
    }

    private async Task AddRestAsync(LedgerCommit commit, PaymentFact payment, long rest, bool earned, CancellationToken cancel)
    {
        if (rest == 0)
        {
            return;
        }

        var revenue = await house.IdAsync(HouseAccount.VoucherRevenue, payment.Amount.Currency, cancel);
        var move = earned ? new Move(payment.Account, revenue, rest) : new Move(revenue, payment.Account, rest);
        commit.Postings.Add(new PostingDraft("voucher_rounding", move) { Reference = payment.PublicId });
    }

    private async Task<List<Voucher>> OfPaymentAsync(PaymentFact payment, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        return await db.Vouchers.AsNoTracking().Where(voucher => voucher.PaymentId == payment.Id).OrderBy(voucher => voucher.Place).ToListAsync(cancel);
    }
}
