using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Payments;

/// <summary>The guarded changes of a payment by its refunds: never more goes back than was paid, under any race (M7).</summary>
internal static class RefundRows
{
    /// <summary>Sets the amount aside for a refund that is on its way.</summary>
    public static RowChange Reserve(Guid payment, long amount, long reservedBefore) =>
        Change(
            "update payments.payments set refund_reserved = refund_reserved + $2 "
                + "where id = $1 and state in ('completed', 'partially_refunded') and refund_reserved = $3 and refund_reserved + $2 <= amount",
            payment,
            amount,
            reservedBefore
        );

    /// <summary>Sets the amount aside and says in the same moment that it went back.</summary>
    public static RowChange ReserveDone(Guid payment, long amount, long reservedBefore) =>
        Change(
            "update payments.payments set refund_reserved = refund_reserved + $2, refunded = refunded + $2, "
                + "state = case when refunded + $2 = amount then 'refunded' else 'partially_refunded' end "
                + "where id = $1 and state in ('completed', 'partially_refunded') and refund_reserved = $3 and refund_reserved + $2 <= amount",
            payment,
            amount,
            reservedBefore
        );

    /// <summary>A refund that was on its way is done.</summary>
    public static RowChange Done(Guid payment, long amount) =>
        Change(
            "update payments.payments set refunded = refunded + $2, state = case when refunded + $2 = amount then 'refunded' else 'partially_refunded' end "
                + "where id = $1 and refunded + $2 <= refund_reserved",
            payment,
            amount
        );

    /// <summary>A refund that was on its way has failed.</summary>
    public static RowChange Returned(Guid payment, long amount) =>
        Change("update payments.payments set refund_reserved = refund_reserved - $2 where id = $1 and refund_reserved - $2 >= refunded", payment, amount);

    private static RowChange Change(string sql, Guid payment, params long[] amounts) =>
        new(
            sql,
            [new NpgsqlParameter<Guid> { TypedValue = payment }, .. amounts.Select(amount => new NpgsqlParameter<long> { TypedValue = amount })],
            1,
            LedgerRefusals.AlreadyDone,
            "payments.payments",
            payment
        );
}
