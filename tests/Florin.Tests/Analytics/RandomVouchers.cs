using System.Globalization;
using Npgsql;

namespace Florin.Tests.Analytics;

/// <summary>Vouchers of three types with their uses, and files with their credits, in every state, written past the program: what figures are compared over.</summary>
internal static class RandomVouchers
{
    /// <summary>Adds vouchers, sold in the seventy days before now.</summary>
    /// <param name="app">The program.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Of PostgreSQL's random(), from -1 to 1.</param>
    public static Task AddAsync(FlorinApp app, int count, decimal seed) =>
        RunAsync(
            app,
            $$"""
            select setseed({{seed.ToString(CultureInfo.InvariantCulture)}});
            insert into vouchers.types (id, code, name, description, service_type, prices, validity_days, uses, active, created_at, updated_at)
            select gen_random_uuid(), 'random' || i, 'Random ' || i, '', 'random', '{"USD": 1000}', 30, 3, true, now(), now() from generate_series(1, 3) i
            on conflict (code) do nothing;
            create temp table drawn on commit drop as
            select gen_random_uuid() as id, 'random' || 1 + floor(random() * 3)::int as code, (array['USD', 'KZT', 'EUR'])[1 + floor(random() * 3)::int] as currency,
                floor(random() * 5000)::bigint as paid, (array['active', 'active', 'used', 'expired', 'cancelled'])[1 + floor(random() * 5)::int] as state,
                now() - random() * interval '70 days' as issued_at, random() as part
            from generate_series(1, {{count}});
            insert into vouchers.vouchers (id, type_id, payment_id, place, bought_by, name, service_type, currency, price, paid, uses, issued_at, code, owner, state,
                uses_left, expires_at, ended_at, refund_id, refunded)
            select d.id, t.id, d.id, 1, d.id, t.name, 'random', d.currency, 5000, d.paid, 3, d.issued_at, upper(substr(md5(d.id::text), 1, 12)), d.id, d.state,
                case d.state when 'used' then 0 else 1 + floor(d.part * 3)::int end, d.issued_at + d.part * interval '90 days',
                case when d.state <> 'active' then least(now(), d.issued_at + d.part * interval '9 days') end, case d.state when 'cancelled' then d.id end,
                case d.state when 'cancelled' then floor(d.part * d.paid)::bigint else 0 end
            from drawn d join vouchers.types t on t.code = d.code;
            insert into vouchers.redemptions (id, voucher_id, owner, redeemed_by, service_type, service_data, amount, redeemed_at, undone_at)
            select gen_random_uuid(), id, id, id, 'random', '{}', 1, least(now(), issued_at + random() * interval '9 days'), case when random() < 0.2 then now() end
            from drawn cross join generate_series(1, 3) i where random() < 0.4
            """
        );

    /// <summary>Adds files, uploaded in the seventy days before now, and lots of credits.</summary>
    public static Task AddFilesAsync(FlorinApp app, int count, decimal seed) =>
        RunAsync(
            app,
            $$"""
            select setseed({{seed.ToString(CultureInfo.InvariantCulture)}});
            create temp table drawn on commit drop as
            select gen_random_uuid() as id, (array['processing', 'completed', 'completed', 'failed'])[1 + floor(random() * 4)::int] as state,
                now() - random() * interval '70 days' as at, floor(random() * 3)::int as available, random() as part
            from generate_series(1, {{count}});
            insert into files.credit_lots (payment_id, person_id, service, price, currency, bought, available, held, spent, bought_at)
            select id, id, 'word_count', 1 + floor(part * 700)::bigint, (array['USD', 'BDT'])[1 + floor(part * 2)::int], 4, available, 1, 3 - available, at from drawn;
            insert into files.files (id, person_id, lot_id, service, filename, size, sha256, state, result, failure, due_at, uploaded_at, ended_at)
            select id, id, id, 'word_count', 'random.txt', 1, sha256('x'), state, case state when 'completed' then '{}'::jsonb end,
                case state when 'failed' then 'not_text' end, case state when 'processing' then now() + interval '9 years' end, at,
                case when state <> 'processing' then at end
            from drawn
            """
        );

    /// <summary>Changes some of them as the program does: redeemed, expired, paid back and restored, uses undone, files done.</summary>
    /// <param name="app">The program.</param>
    /// <param name="which">Chooses which.</param>
    public static Task ChangeAsync(FlorinApp app, int which) =>
        RunAsync(
            app,
            $"""
            update vouchers.vouchers set state = 'used', uses_left = 0, ended_at = now() where state = 'active' and hashtext(id::text) % 50 = {which};
            update vouchers.vouchers set state = 'expired', ended_at = now() where state = 'active' and hashtext(id::text) % 50 = {which} + 1;
            update vouchers.vouchers set state = 'cancelled', ended_at = now(), refund_id = id, refunded = paid / 2 where state = 'active' and hashtext(id::text) % 50 = {which} + 2;
            update vouchers.vouchers set state = 'active', ended_at = null, refund_id = null, refunded = 0
                where state = 'cancelled' and hashtext(id::text) % 50 = {which} + 3;
            update vouchers.redemptions set undone_at = now() where undone_at is null and hashtext(id::text) % 50 = {which};
            update vouchers.vouchers set owner = null where hashtext(id::text) % 50 = {which};
            update files.files set state = 'completed', result = '{"{}"}', due_at = null, ended_at = now() where state = 'processing' and hashtext(id::text) % 50 = {which}
            """
        );

    private static async Task RunAsync(FlorinApp app, string sql)
    {
        await using var connection = new NpgsqlConnection(app.Database.SuperuserConnection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken); // several statements at once are one transaction
    }
}
