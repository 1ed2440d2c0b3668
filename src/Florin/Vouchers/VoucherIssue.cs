using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary>
/// Adds to the commit that completes a payment its vouchers, and what they take from stock and discount. All of it is guarded: where the stock or the
/// discount is gone, there is no money either, and what a gateway collected goes back by itself.
/// </summary>
internal static class VoucherIssue
{
    // Each voucher takes the first of its codes that no other has: a collision costs nothing, and never the payment. Where two servers draw one code in
    // the same moment, the ledger runs the second commit again by itself, and it finds the code taken.
    private const string Insert = """
        insert into vouchers.vouchers (id, type_id, payment_id, place, bought_by, name, service_type, currency, price, paid, uses, issued_at, code, owner,
            state, uses_left, expires_at)
        select v.id, $4, $5, v.place, $6, $7, $8, $9, $10, v.paid, $11, $12,
            (select c.code from unnest($3) with ordinality c(code, nth)
                where (c.nth - 1) / $15 = v.place - 1 and not exists (select from vouchers.vouchers other where other.code = c.code) order by c.nth limit 1),
            $13, 'active', $11, $14
        from unnest($1, $2) with ordinality v(id, paid, place)
        """;

    private const string TakeStock = "update vouchers.types set stock = stock - $2 where id = $1 and (stock is null or stock >= $2)";

    private const string UseDiscount = "update vouchers.discounts set uses = uses + 1 where id = $1 and active and (max_uses is null or uses < max_uses)";

    private const string UseOwn = """
        insert into vouchers.discount_people (discount_id, person_id, uses) values ($1, $2, 1)
        on conflict (discount_id, person_id) do update set uses = discount_people.uses + 1
        where discount_people.uses < coalesce((select max_per_person from vouchers.discounts where id = $1), 2147483647)
        """;

    /// <summary>Adds it.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="payment">What pays for them.</param>
    /// <param name="order">What was bought.</param>
    /// <param name="owner">Who gets them.</param>
    /// <param name="codes">Drawn for them: <see cref="VoucherCode.Candidates"/> for each.</param>
    /// <param name="now">When.</param>
    public static void AddTo(LedgerCommit commit, PaymentFact payment, VoucherOrder order, Guid owner, string[] codes, DateTimeOffset now)
    {
        var ids = new Guid[order.Quantity];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = Ids.New();
        }

        commit.Rows.Add(
            new RowChange(
                TakeStock,
                [new NpgsqlParameter<Guid> { TypedValue = order.TypeId }, new NpgsqlParameter<int> { TypedValue = order.Quantity }],
                1,
                VouchersRefusals.SoldOut,
                "vouchers.types",
                order.TypeId
            )
        );
        if (order.Discount is { } taken)
        {
            AddDiscount(commit, Ids.Read(VoucherDiscount.Prefix, taken.Id), payment.CreatedBy);
        }

        commit.Rows.Add(Vouchers(payment, order, owner, ids, codes, now));
        foreach (var id in ids)
        {
            commit.Inserts.Add(VoucherHistory.Row(id, VoucherHistory.Issued, now, order.Uses));
        }

        commit.Inserts.Add(VoucherEvents.Issued(payment, order, owner, ids, now));
    }

    private static void AddDiscount(LedgerCommit commit, Guid discount, Guid buyer)
    {
        commit.Rows.Add(
            new RowChange(
                UseDiscount,
                [new NpgsqlParameter<Guid> { TypedValue = discount }],
                1,
                VouchersRefusals.DiscountUsedUp,
                "vouchers.discounts",
                discount
            )
        );
        commit.Rows.Add(
            new RowChange(
                UseOwn,
                [new NpgsqlParameter<Guid> { TypedValue = discount }, new NpgsqlParameter<Guid> { TypedValue = buyer }],
                1,
                VouchersRefusals.DiscountUsedUp,
                "vouchers.discount_people",
                buyer
            )
        );
    }

    private static RowChange Vouchers(PaymentFact payment, VoucherOrder order, Guid owner, Guid[] ids, string[] codes, DateTimeOffset now) =>
        new(
            Insert,
            [
                new NpgsqlParameter<Guid[]> { TypedValue = ids },
                new NpgsqlParameter<long[]> { TypedValue = SharesOf(payment.Amount.Minor, ids.Length) },
                new NpgsqlParameter<string[]> { TypedValue = codes, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new NpgsqlParameter<Guid> { TypedValue = order.TypeId },
                new NpgsqlParameter<Guid> { TypedValue = payment.Id },
                new NpgsqlParameter<Guid> { TypedValue = payment.CreatedBy },
                new NpgsqlParameter<string> { TypedValue = order.Name },
                new NpgsqlParameter<string> { TypedValue = order.ServiceType },
                new NpgsqlParameter<string> { TypedValue = payment.Amount.Currency.Code },
                new NpgsqlParameter<long> { TypedValue = order.Price.Minor },
                new NpgsqlParameter<int> { TypedValue = order.Uses },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
                new NpgsqlParameter<Guid> { TypedValue = owner },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime.AddDays(order.ValidityDays) },
                new NpgsqlParameter<int> { TypedValue = VoucherCode.Candidates },
            ],
            ids.Length,
            LedgerRefusals.AlreadyDone,
            "vouchers.vouchers",
            payment.Id
        );

    // Each voucher's share of what was paid, the discount included: equal parts, and a minor unit more for the first ones where it does not divide.
    private static long[] SharesOf(long paid, int vouchers) => Rounding.Allocate(paid, [.. Enumerable.Repeat(1L, vouchers)]);
}
