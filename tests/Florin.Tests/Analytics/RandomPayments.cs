using Npgsql;

namespace Florin.Tests.Analytics;

/// <summary>Thousands of payments and refunds in every state, written past the program: what figures are compared over.</summary>
internal static class RandomPayments
{
    /// <summary>Adds them, over the seventy days before now.</summary>
    /// <param name="app">The program.</param>
    /// <param name="count">How many payments.</param>
    /// <param name="seed">Of PostgreSQL's random(), from -1 to 1.</param>
    public static async Task AddAsync(FlorinApp app, int count, decimal seed)
    {
        await using var connection = new NpgsqlConnection(app.Database.SuperuserConnection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(
            $"""
            select setseed({seed.ToString(System.Globalization.CultureInfo.InvariantCulture)});
            create temp table drawn on commit drop as
            select gen_random_uuid() as id, (array['sale', 'sale', 'top_up', 'voucher', 'file_credit'])[1 + floor(random() * 5)::int] as purpose,
                (array['USD', 'KZT', 'EUR'])[1 + floor(random() * 3)::int] as currency, 2 + floor(random() ^ 3 * 5000000)::bigint as amount,
                (array['wallet', 'cash', 'stripe', 'sandbox'])[1 + floor(random() * 4)::int] as method,
                (array['pending', 'processing', 'failed', 'cancelled', 'expired', 'completed', 'completed', 'completed', 'partially_refunded', 'refunded'])
                    [1 + floor(random() * 10)::int] as state,
                ('00000000-0000-7000-8000-' || lpad((floor(random() * 30)::int)::text, 12, '0'))::uuid as payee,
                now() - random() * interval '70 days' as created_at, random() ^ 6 * interval '3 hours' as took, random() * interval '5 days' as refund_after,
                random() as part
            from generate_series(1, {count});
            insert into payments.payments (id, purpose, amount, currency, fee, owner, payee, payee_name, account_id, code, subject, metadata, created_by,
                created_at, expires_at, state, method, completed_at, ended_at, refund_reserved, refunded)
            select id, purpose, amount, currency, amount / 40, payee, payee, 'Shop ' || right(payee::text, 2), 1, 'x' || id, '{"{}"}', '{"{}"}', payee, created_at,
                created_at + interval '1 day', state, case when state in ('completed', 'partially_refunded', 'refunded') then method end,
                case when state in ('completed', 'partially_refunded', 'refunded') then created_at + took end,
                case when state in ('failed', 'cancelled', 'expired') then created_at + took end,
                case state when 'refunded' then amount when 'partially_refunded' then 1 + amount / 3 else 0 end,
                case state when 'refunded' then amount when 'partially_refunded' then 1 + amount / 3 else 0 end
            from drawn;
            insert into payments.attempts (id, payment_id, method, state, taken, taken_currency, started_at, ended_at, payee)
            select id, id, method, case state when 'expired' then 'late' else 'succeeded' end, amount, currency, created_at, created_at + took,
                case when state <> 'expired' then payee end
            from drawn where state in ('partially_refunded', 'refunded', 'expired', 'completed');
            insert into payments.refunds (id, payment_id, attempt_id, amount, currency, destination, reason, state, requested_at, ended_at)
            select gen_random_uuid(), id, id, case state when 'refunded' then amount when 'partially_refunded' then 1 + amount / 3 else amount end, currency, 'wallet',
                case state when 'expired' then 'late_money' else 'customer_request' end, case state when 'completed' then 'failed' else 'completed' end,
                created_at + took, created_at + took + refund_after
            from drawn where state in ('partially_refunded', 'refunded', 'expired') or state = 'completed' and part < 0.1
            """,
            connection
        );
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken); // several statements at once are one transaction
    }
}
