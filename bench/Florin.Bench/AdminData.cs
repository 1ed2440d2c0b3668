using Npgsql;

namespace Florin.Bench;

/// <summary>Sixty days of a busy house, written by PostgreSQL itself: entries, payments, refunds, people, vouchers and files.</summary>
internal static class AdminData
{
    // In order: $entries and $payments are put in. A tenth of the entries are fees, with the fee account on their other side.
    private static readonly string[] Statements =
    [
        "set session_replication_role = replica", // past the triggers: what is written keeps every invariant by itself
            """
            create temp table own as
            select i, nextval('ledger.account_ids') as payer, nextval('ledger.account_ids') as payee from generate_series(1, greatest(100, $entries / 200)) i
            """,
        """
            insert into ledger.accounts (id, currency, kind, floor, opened_at)
            select id, 'USD', 'wallet', -1000000000000, now() - interval '61 days' from own cross join lateral (values (payer), (payee)) a(id)
            """,
        """
            insert into ledger.accounts (id, currency, kind, code, floor, opened_at)
            select nextval('ledger.house_account_ids'), 'USD', 'fee_revenue', 'fee_revenue:USD', 0, now() on conflict (code) where code is not null do nothing
            """,
        // Transfers: pair i sends entries 1, 2, 3 … to its other half.
        """
            create temp table sent as
            select gen_random_uuid() as id, payer, payee, n, now() - interval '60 days' + (n - 1) * interval '60 days' / 91 + i * interval '1 ms' as at
            from own cross join generate_series(1, 90) n
            """,
        """
            insert into ledger.postings (id, kind, posted_at, entries) select id, 'transfer', at, array[payer, n, payee, n] from sent
            """,
        """
            insert into ledger.entries (account_id, seq, posting_id, amount, balance_after, posted_at)
            select payer, n, id, -100, -100 * n, at from sent union all select payee, n, id, 100, 100 * n, at from sent
            """,
        // Fees: each payee pays ten times, after its transfers; the fee account numbers them in the order of time.
        """
            create temp table fees as
            select gen_random_uuid() as id, payee, 90 + n as seq, 9000 - n as after,
                row_number() over (order by n, i) as nr, now() - interval '15 hours' + n * interval '1 hour' + i * interval '1 ms' as at
            from own cross join generate_series(1, 10) n
            """,
        """
            insert into ledger.postings (id, kind, posted_at, entries)
            select f.id, 'fee', f.at, array[f.payee, f.seq, a.id, f.nr] from fees f cross join (select id from ledger.accounts where code = 'fee_revenue:USD') a
            """,
        """
            insert into ledger.entries (account_id, seq, posting_id, amount, balance_after, posted_at)
            select payee, seq, id, -1, after, at from fees
            union all
            select a.id, f.nr, f.id, 1, f.nr, f.at from fees f cross join (select id from ledger.accounts where code = 'fee_revenue:USD') a
            """,
        "update ledger.accounts set balance = -9000, seq = 90, last_posted_at = now() where id in (select payer from own)",
        "update ledger.accounts set balance = 8990, seq = 100, last_posted_at = now() where id in (select payee from own)",
        "update ledger.accounts set balance = (select count(*) from fees), seq = (select count(*) from fees), last_posted_at = now() where code = 'fee_revenue:USD'",
        "drop table sent; drop table fees",
        """
            create temp table drawn as
            select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))::uuid as id,
                at, (array['sale', 'sale', 'sale', 'top_up', 'voucher', 'file_credit'])[1 + floor(random() * 6)::int] as purpose,
                (array['USD', 'KZT', 'EUR'])[1 + floor(random() * 3)::int] as currency, 100 + floor(random() * 100000)::bigint as amount,
                (array['wallet', 'cash', 'stripe', 'sandbox'])[1 + floor(random() * 4)::int] as method,
                (array['pending', 'failed', 'cancelled', 'expired', 'completed', 'completed', 'completed', 'completed', 'completed', 'refunded'])
                    [1 + floor(random() * 10)::int] as state,
                ('00000000-0000-7000-8000-' || lpad((floor(random() * 500)::int)::text, 12, '0'))::uuid as payee, random() ^ 4 * interval '20 minutes' as took
            from (select i, now() - interval '60 days' + i * (interval '60 days' / $payments) as at from generate_series(1, $payments) i) place
            """,
        """
            insert into payments.payments (id, purpose, amount, currency, fee, owner, payee, payee_name, account_id, code, subject, metadata, created_by, created_at,
                expires_at, state, method, completed_at, ended_at, refund_reserved, refunded)
            select id, purpose, amount, currency, amount / 40, payee, payee, 'Shop ' || right(payee::text, 3), 1, 'b' || id, '{}', '{}', payee, at, at + interval '1 day',
                state, case when state in ('completed', 'refunded') then method end, case when state in ('completed', 'refunded') then at + took end,
                case when state in ('failed', 'cancelled', 'expired') then at + took end, case state when 'refunded' then amount else 0 end,
                case state when 'refunded' then amount else 0 end
            from drawn
            """,
        """
            insert into payments.attempts (id, payment_id, method, state, taken, taken_currency, started_at, ended_at, payee)
            select id, id, method, 'succeeded', amount, currency, at, at + took, payee from drawn where state in ('completed', 'refunded')
            """,
        """
            insert into payments.refunds (id, payment_id, attempt_id, amount, currency, destination, reason, state, requested_at, ended_at)
            select id, id, id, amount, currency, 'wallet', 'customer_request', 'completed', at + took, at + took + interval '1 hour' from drawn where state = 'refunded'
            """,
        """
            insert into identity.people (id, username, first_name, roles, last_signed_in_at, created_at, updated_at)
            select gen_random_uuid(), 'bench' || i, 'Bench', '{customer}', now() - random() * interval '60 days', now() - random() * interval '400 days', now()
            from generate_series(1, $payments / 10) i
            """,
        """
            insert into vouchers.types (id, code, name, description, service_type, prices, validity_days, uses, active, created_at, updated_at)
            select gen_random_uuid(), 'bench' || i, 'Bench ' || i, '', 'bench', '{"USD": 1000}', 30, 1, true, now(), now() from generate_series(1, 5) i
            """,
        """
            insert into vouchers.vouchers (id, type_id, payment_id, place, bought_by, name, service_type, currency, price, paid, uses, issued_at, code, owner, state,
                uses_left, expires_at, ended_at)
            select gen_random_uuid(), t.id, p.id, 1, p.payee, t.name, 'bench', 'USD', 1000, 900, 1, p.at,
                translate(upper(substr(md5(p.id::text), 1, 12)), '01', 'GH'), p.payee,
                case when p.amount % 2 = 1 then 'used' when p.at + interval '30 days' <= now() then 'expired' else 'active' end, (p.amount + 1) % 2,
                p.at + interval '30 days',
                case when p.amount % 2 = 1 then p.at when p.at + interval '30 days' <= now() then p.at + interval '30 days' end -- as the job books it
            from drawn p join vouchers.types t on t.code = 'bench' || (1 + p.amount % 5) where p.purpose = 'voucher'
            """,
        """
            insert into vouchers.redemptions (id, voucher_id, owner, redeemed_by, service_type, service_data, amount, redeemed_at)
            select gen_random_uuid(), id, owner, owner, 'bench', '{}', 900, issued_at from vouchers.vouchers where state = 'used'
            """,
        """
            insert into files.credit_lots (payment_id, person_id, service, price, currency, bought, available, spent, bought_at)
            select id, payee, 'word_count', 100, 'USD', 1, 0, 1, at from drawn where purpose = 'file_credit'
            """,
        """
            insert into files.files (id, person_id, lot_id, service, filename, size, sha256, state, result, uploaded_at, ended_at)
            select id, payee, id, 'word_count', 'bench.txt', 1, sha256('x'), 'completed', '{}', at, at from drawn where purpose = 'file_credit'
            """,
        "set session_replication_role = default",
        "vacuum (analyze) ledger.accounts, ledger.entries, payments.payments, payments.refunds, identity.people, vouchers.vouchers, vouchers.redemptions, files.files, files.credit_lots",
    ];

    /// <summary>Writes it all.</summary>
    /// <param name="entries">How many entries, about.</param>
    /// <param name="payments">How many payments.</param>
    public static async Task FillAsync(int entries, int payments)
    {
        // Whoever switches triggers off must be the cluster's own; it begins in another database than the server's.
        var superuser = Environment.GetEnvironmentVariable("FLORIN_DATABASE_SUPERUSER") is { Length: > 0 } own
            ? new NpgsqlConnectionStringBuilder(own) { Database = new NpgsqlConnectionStringBuilder(LedgerHost.Owner).Database }.ConnectionString
            : LedgerHost.Owner;
        await using var connection = new NpgsqlConnection(superuser);
        await connection.OpenAsync();
        foreach (var statement in Statements)
        {
            var sql = statement
                .Replace("$entries", entries.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("$payments", payments.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
            Console.Error.WriteLine($"  {sql.Split('\n')[0]} …");
        }
    }
}
