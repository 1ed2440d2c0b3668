using System.Globalization;
using System.Text.Json;
using Florin.Analytics;
using Florin.Tests.Wallets;
using Npgsql;

namespace Florin.Tests.Analytics;

/// <summary>Compares what the overview shows with plain SQL over the modules' own tables.</summary>
internal sealed class DashboardRecounts(FlorinApp app)
{
    private static readonly string[] SumColumns = ["payments", "gross.amount", "fees.amount", "refunds", "refunded.amount"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What <c>GET /v1/analytics/dashboard</c> shows.</summary>
    public async Task CompareAsync(JsonElement shown)
    {
        await CompareTakingsAsync(shown, "now", "period.from", "period.to");
        await CompareTakingsAsync(shown, "before", "period.before_from", "period.before_to");
        await CompareTimesAsync(shown);
        await CompareStatesAsync(shown);
        await ComparePaceAsync(shown, "pace", "period.from", "period.to");
        await ComparePaceAsync(shown, "pace_before", "period.before_from", "period.before_to");
        await CompareIncomeAsync(shown);
        await CompareShopsAsync(shown);
        await CompareCountsAsync(shown);
        await CompareVoucherTypesAsync(shown);
    }

    private async Task CompareTakingsAsync(JsonElement shown, string which, string from, string to)
    {
        foreach (var (part, by) in new[] { ("takings", "null"), ("methods", "method"), ("purposes", "purpose") })
        {
            var wanted = await RowsAsync(
                $"""
                select coalesce({by}::text, 'null') || ' ' || currency || ' ' || sum(n) || ' ' || sum(gross) || ' ' || sum(fee) || ' ' || sum(back) || ' ' || sum(refunded)
                from (
                    select purpose, currency, method, 1 as n, amount as gross, case when method = 'cash' then 0 else fee end as fee, 0 as back, 0::bigint as refunded
                    from payments.payments where completed_at >= $1 and completed_at < $2
                    union all
                    select p.purpose, r.currency, p.method, 0, 0, 0, 1, r.amount from payments.refunds r join payments.payments p on p.id = r.payment_id
                    where r.state = 'completed' and r.reason <> 'late_money' and r.ended_at >= $1 and r.ended_at < $2
                ) fact group by {by}, currency
                """.Replace("group by null, currency", "group by currency", StringComparison.Ordinal),
                shown.At(from).GetDateTime(),
                shown.At(to).GetDateTime()
            );
            var found = shown
                .At(part)
                .EnumerateArray()
                .Where(pair => pair.At(which + ".payments").GetInt64() + pair.At(which + ".refunds").GetInt64() > 0)
                .Select(pair => $"{pair.Text("name")} {pair.Text(which + ".currency")} {Sums(pair.At(which))}");
            Assert.Equal(wanted, found.Order(StringComparer.Ordinal));
        }
    }

    private async Task CompareTimesAsync(JsonElement shown)
    {
        var unit = shown.At("period.by_hour").GetBoolean() ? "hour" : "day";
        var wanted = await RowsAsync(
            $"""
            select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI') || ' ' || currency || ' ' || sum(gross) || ' ' || sum(refunded)
            from (
                select date_trunc('{unit}', completed_at, 'UTC') as at, currency, amount as gross, 0::bigint as refunded
                from payments.payments where completed_at >= $1 and completed_at < $2
                union all
                select date_trunc('{unit}', r.ended_at, 'UTC'), r.currency, 0, r.amount from payments.refunds r
                where r.state = 'completed' and r.reason <> 'late_money' and r.ended_at >= $1 and r.ended_at < $2
            ) fact group by at, currency
            """,
            shown.At("period.from").GetDateTime(),
            shown.At("period.to").GetDateTime()
        );
        var found = shown
            .At("times")
            .EnumerateArray()
            .Select(row =>
                $"{row.Text("start")[..16]} {row.Text("sum.currency")} {Minor(row.At("sum"), "gross.amount")} {Minor(row.At("sum"), "refunded.amount")}"
            );
        Assert.Equal(wanted, found.Order(StringComparer.Ordinal));
    }

    private async Task CompareStatesAsync(JsonElement shown)
    {
        const string sql = "select state || ' ' || count(*) from payments.payments where created_at >= $1 and created_at < $2 group by state";
        foreach (var (which, from, to) in new[] { ("now", "period.from", "period.to"), ("before", "period.before_from", "period.before_to") })
        {
            var found = shown.At("states").EnumerateArray().Where(row => row.At(which).GetInt64() > 0).Select(row => $"{row.Text("name")} {row.Text(which)}");
            Assert.Equal(await RowsAsync(sql, shown.At(from).GetDateTime(), shown.At(to).GetDateTime()), found.Order(StringComparer.Ordinal));
        }
    }

    private async Task ComparePaceAsync(JsonElement shown, string part, string from, string to)
    {
        var (first, end) = (shown.At(from).GetDateTime(), shown.At(to).GetDateTime());
        var counted = await RowsAsync(
            """
            select count(*) || ' ' || count(*) filter (where state not in ('pending', 'processing')) || ' ' || count(completed_at)
            from payments.payments where created_at >= $1 and created_at < $2
            """,
            first,
            end
        );
        var pace = shown.At(part);
        Assert.Equal(counted, [$"{pace.Text("made")} {pace.Text("ended")} {pace.Text("succeeded")}"]);
        var waits = await RowsAsync(
            """
            select coalesce(floor(1000 * percentile_disc(0.5) within group (order by took)) || ' ' || floor(1000 * percentile_disc(0.99) within group (order by took)), '- -')
            from (select extract(epoch from completed_at - created_at) as took from payments.payments where completed_at >= $1 and completed_at < $2) fact
            """,
            first,
            end
        );
        var exact = waits[0].Split(' ');
        foreach (var (name, at) in new[] { ("median_ms", 0), ("p99_ms", 1) })
        {
            if (exact[at] is "-")
            {
                Assert.Equal("null", pace.Text(name));
                continue;
            }

            var wanted = long.Parse(exact[at], CultureInfo.InvariantCulture);
            Assert.InRange(Math.Abs(pace.At(name).GetInt64() - wanted) * 1000, 0, WaitBuckets.ErrorPerMille * wanted);
        }
    }

    private async Task CompareIncomeAsync(JsonElement shown)
    {
        foreach (var (which, from, to) in new[] { ("now", "period.from", "period.to"), ("before", "period.before_from", "period.before_to") })
        {
            var wanted = await RowsAsync(
                """
                select a.kind || ' ' || a.currency || ' ' || sum(e.amount) from ledger.entries e join ledger.accounts a on a.id = e.account_id
                where a.kind in ('fee_revenue', 'voucher_revenue', 'file_revenue', 'fx_spread') and e.posted_at >= $1 and e.posted_at < $2 group by a.kind, a.currency
                """,
                shown.At(from).GetDateTime(),
                shown.At(to).GetDateTime()
            );
            var found = shown
                .At("income")
                .EnumerateArray()
                .Where(row => row.Text(which + ".amount") is not "0.00")
                .Select(row => $"{row.Text("account")} {row.Text(which + ".currency")} {Minor(row, which + ".amount")}");
            Assert.Equal(wanted, found.Order(StringComparer.Ordinal));
        }
    }

    private async Task CompareShopsAsync(JsonElement shown)
    {
        var wanted = await RowsAsync(
            """
            select currency || ' ' || place || ' ' || gross from (
                select currency, sum(amount) as gross, row_number() over (partition by currency order by sum(amount) desc) as place
                from payments.payments where purpose = 'sale' and completed_at >= date_trunc('day', $1, 'UTC')
                    and completed_at < date_trunc('day', $2 - interval '1 us', 'UTC') + interval '1 day'
                group by currency, payee
            ) part where place <= 10
            """,
            shown.At("period.from").GetDateTime(),
            shown.At("period.to").GetDateTime()
        );
        var found = shown
            .At("shops")
            .EnumerateArray()
            .Where(row => row.At("sum.payments").GetInt64() > 0)
            .GroupBy(row => row.Text("sum.currency"), StringComparer.Ordinal)
            .SelectMany(rows => rows.Select((row, place) => $"{rows.Key} {place + 1} {Minor(row.At("sum"), "gross.amount")}"));
        Assert.Equal(wanted, found.Order(StringComparer.Ordinal));
    }

    private async Task CompareCountsAsync(JsonElement shown)
    {
        var wanted = await RowsAsync(
            """
            select 'people ' || count(*) filter (where deleted_at is null) || ' ' || count(*) filter (where created_at >= $1 and created_at < $2) || ' '
                || count(*) filter (where created_at >= $3 and created_at < $4) || ' ' || count(*) filter (where last_signed_in_at >= $1) || ' '
                || count(deactivated_at) filter (where deleted_at is null) from identity.people
            union all
            select 'vouchers ' || count(*) || ' ' || count(*) filter (where state = 'active' and expires_at > $5) || ' ' || count(*) filter (where state = 'used') || ' '
                || count(*) filter (where state = 'expired' or state = 'active' and expires_at <= $5) || ' ' || count(*) filter (where state = 'cancelled') || ' '
                || count(*) filter (where issued_at >= $1 and issued_at < $2) || ' ' || count(*) filter (where issued_at >= $3 and issued_at < $4) || ' '
                || (select count(*) from vouchers.redemptions where undone_at is null and redeemed_at >= $1 and redeemed_at < $2) || ' '
                || (select count(*) from vouchers.redemptions where undone_at is null and redeemed_at >= $3 and redeemed_at < $4) from vouchers.vouchers
            union all
            select 'files ' || count(*) || ' ' || count(*) filter (where state = 'processing') || ' ' || count(*) filter (where state = 'completed') || ' '
                || count(*) filter (where state = 'failed') || ' ' || count(*) filter (where uploaded_at >= $1 and uploaded_at < $2) || ' '
                || count(*) filter (where uploaded_at >= $3 and uploaded_at < $4) from files.files
            union all
            select 'credits ' || currency || ' ' || sum(price * (available + held)) from files.credit_lots group by currency
            """,
            shown.At("period.from").GetDateTime(),
            shown.At("period.to").GetDateTime(),
            shown.At("period.before_from").GetDateTime(),
            shown.At("period.before_to").GetDateTime(),
            app.Clock.GetUtcNow().UtcDateTime
        );
        string Line(string part, params string[] names) => part + " " + string.Join(' ', names.Select(name => shown.Text($"{part}.{name}")));
        var found = shown.At("files.credits_owed").EnumerateArray().Select(owed => $"credits {owed.Text("currency")} {Minor(owed, "amount")}");
        string[] counts =
        [
            Line("files", "total", "processing", "completed", "failed", "uploaded", "uploaded_before"),
            Line("people", "total", "new", "new_before", "active", "frozen"),
            Line("vouchers", "total", "active", "used", "expired", "cancelled", "issued", "issued_before", "redeemed", "redeemed_before"),
        ];
        Assert.Equal(wanted, found.Concat(counts).Order(StringComparer.Ordinal));
    }

    private async Task CompareVoucherTypesAsync(JsonElement shown)
    {
        var wanted = await RowsAsync(
            """
            select t.code || ' ' || fact.currency || ' ' || sum(fact.sold) || ' ' || sum(fact.uses) || ' ' || sum(fact.paid) || ' ' || sum(fact.refunded)
            from (
                select type_id, currency, 1 as sold, 0 as uses, paid, 0::bigint as refunded from vouchers.vouchers where issued_at >= $1 and issued_at < $2
                union all
                select type_id, currency, 0, 0, 0, refunded from vouchers.vouchers where state = 'cancelled' and ended_at >= $1 and ended_at < $2
                union all
                select v.type_id, v.currency, 0, 1, 0, 0 from vouchers.redemptions r join vouchers.vouchers v on v.id = r.voucher_id
                where r.undone_at is null and r.redeemed_at >= $1 and r.redeemed_at < $2
            ) fact join vouchers.types t on t.id = fact.type_id group by t.code, fact.currency having sum(fact.sold) + sum(fact.uses) + sum(fact.refunded) > 0
            """,
            shown.At("period.from").GetDateTime(),
            shown.At("period.to").GetDateTime()
        );
        var found = shown
            .At("voucher_types")
            .EnumerateArray()
            .Select(row =>
                $"{row.Text("type")} {row.Text("paid.currency")} {row.Text("issued")} {row.Text("redeemed")} {Minor(row, "paid.amount")} {Minor(row, "refunded.amount")}"
            );
        Assert.Equal(wanted, found.Order(StringComparer.Ordinal));
    }

    /// <summary>What <c>GET /v1/house</c> shows.</summary>
    public async Task CompareHouseAsync(JsonElement shown)
    {
        var money = await RowsAsync(
            """
            select currency || ' ' || coalesce(sum(balance) filter (where kind in ('wallet', 'shop')), 0) || ' ' || sum(balance) || ' ' || count(*)
            from ledger.accounts group by currency
            """
        );
        var found = shown
            .At("currencies")
            .EnumerateArray()
            .Select(row =>
                $"{row.Text("currency")} {Minor(row, "owed.amount")} {Minor(row, "difference.amount")} {row.At("accounts").EnumerateArray().Sum(one => one.At("accounts").GetInt64())}"
            );
        Assert.Equal(money, found.Order(StringComparer.Ordinal));
        var hooks = await RowsAsync(
            "select count(*) || ' ' || count(failing_since) || ' ' || (select count(*) from webhooks.deliveries where state = 'dead') from webhooks.endpoints"
        );
        Assert.Equal(hooks, [$"{shown.Text("webhooks.endpoints")} {shown.Text("webhooks.failing")} {shown.Text("webhooks.dead")}"]);
        var queues = await RowsAsync("select consumer from platform.outbox_cursors where consumer <> 'platform.retention'");
        Assert.Equal(queues, shown.At("queues").EnumerateArray().Select(row => row.Text("consumer")).Order(StringComparer.Ordinal));
    }

    private static string Sums(JsonElement sum) => string.Join(' ', SumColumns.Select(name => Minor(sum, name)));

    private static string Minor(JsonElement row, string name) =>
        name.EndsWith("amount", StringComparison.Ordinal)
            ? decimal.Parse(row.Text(name).Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture).ToString("0", CultureInfo.InvariantCulture)
            : row.Text(name);

    private async Task<List<string>> RowsAsync(string sql, params DateTime[] times)
    {
        await using var connection = new NpgsqlConnection(app.Database.SuperuserConnection);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var at in times)
        {
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = DateTime.SpecifyKind(at.ToUniversalTime(), DateTimeKind.Utc) });
        }

        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var rows = new List<string>();
        while (await reader.ReadAsync(Cancel))
        {
            rows.Add(reader.GetString(0));
        }

        rows.Sort(StringComparer.Ordinal);
        return rows;
    }
}
