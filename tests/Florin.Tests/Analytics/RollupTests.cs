using Florin.Analytics;
using Florin.Files;
using Florin.Platform;
using Florin.Tests.Files;
using Florin.Tests.Payments;
using Florin.Tests.Vouchers;
using Florin.Tests.Wallets;
using Florin.Vouchers;

namespace Florin.Tests.Analytics;

public sealed class RollupTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    // Sums that are not what a plain recount of the payments' own tables gives.
    private const string Wrong = """
        with fact as (
            select 'made' as what, created_at as at, '' as currency, '' as purpose, '' as method, state, payee, 1 as n, 0::bigint as amount, 0::bigint as fee
            from payments.payments
            union all
            select 'taken', completed_at, currency, purpose, method, '', payee, 1, amount, case when method = 'cash' then 0 else fee end
            from payments.payments where completed_at is not null
            union all
            select 'back', r.ended_at, r.currency, p.purpose, p.method, '', p.payee, 1, r.amount, 0
            from payments.refunds r join payments.payments p on p.id = r.payment_id where r.state = 'completed' and r.reason <> 'late_money'
        ), sized as (
            select size, date_trunc(size, at, 'UTC') as start, fact.* from fact cross join (values ('hour'), ('day')) s(size)
        ), counted as (
            select 'made' as what, size, start, currency, purpose, method, state as who, sum(n)::bigint as a, sum(amount)::bigint as b, 0::bigint as c, 0::bigint as d, 0::bigint as e
            from sized where what = 'made' group by 1, 2, 3, 4, 5, 6, 7
            union all
            select 'taken', size, start, currency, purpose, method, '', sum(n) filter (where what = 'taken'), sum(amount) filter (where what = 'taken'), sum(fee),
                sum(n) filter (where what = 'back'), sum(amount) filter (where what = 'back')
            from sized where what <> 'made' group by 1, 2, 3, 4, 5, 6
            union all
            select 'payees', 'day', start, currency, '', '', payee::text, sum(n) filter (where what = 'taken'), sum(amount) filter (where what = 'taken'),
                sum(fee), sum(n) filter (where what = 'back'), sum(amount) filter (where what = 'back')
            from sized where what <> 'made' and size = 'day' and purpose = 'sale' group by 1, 2, 3, 4, 5, 6, 7
            union all
            select 'waits', size, start, '', '', '', '', sum(n), 0, 0, 0, 0 from sized where what = 'taken' group by 1, 2, 3
        ), kept as (
            select 'made' as what, size, start, '' as currency, '' as purpose, '' as method, state as who, payments as a, 0::bigint as b, 0::bigint as c, 0::bigint as d,
                0::bigint as e
            from analytics.made where payments <> 0
            union all
            select 'taken', size, start, currency, purpose, method, '', payments, gross, fees, refunds, refunded from analytics.taken where payments + refunds <> 0
            union all
            select 'payees', 'day', start, currency, '', '', payee::text, payments, gross, fees, refunds, refunded
            from analytics.payees where payments + refunds <> 0
            union all
            select 'waits', size, start, '', '', '', '', sum(payments), 0, 0, 0, 0 from analytics.waits where payments <> 0 group by 1, 2, 3
        )
        , truth as (
            select what, size, start, currency, purpose, method, who, coalesce(a, 0) as a, coalesce(b, 0) as b, coalesce(c, 0) as c, coalesce(d, 0) as d, coalesce(e, 0) as e
            from counted
        )
        select (select count(*) from (select * from truth except select * from kept) missing)
            + (select count(*) from (select * from kept except select * from truth) extra)
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happens_to_payments_comes_by_the_outbox_and_equals_a_recount()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "1000.00");
        for (var i = 0; i < 12; i++)
        {
            var bill = await till.AskAsync($"{10 + i}.{i:00}");
            if (i % 4 == 0)
            {
                (await till.CashAsync(bill)).Must(200);
            }
            else if (i % 4 == 1)
            {
                (await till.Merchant.PostAsync($"/v1/payments/{bill.Id}/cancel", "{}")).Must(200);
            }
            else
            {
                (await bill.PayAsync(payer.Owner.Again(), $$"""{"method":"wallet","wallet":"{{payer.Id}}"}""")).Must(200);
                (await till.RefundAsync(bill, i % 4 == 2 ? "1.00" : null)).Must(201);
            }
        }

        await CaughtUpAsync();
        Assert.Equal(0, await app.Database.ScalarAsync<long>(Wrong));

        // Told again, and late: nothing changes.
        var all = await IdsAsync();
        await app.Get<RollupFeed>().TakeAsync(all, Cancel);
        await app.Get<RollupFeed>().TakeAsync([all[0], Guid.NewGuid()], Cancel);
        Assert.Equal(0, await app.Database.ScalarAsync<long>(Wrong));
    }

    [Fact]
    public async Task Built_anew_over_random_payments_they_equal_a_recount_and_what_was_wrong_is_put_right()
    {
        await RandomPayments.AddAsync(app, 3_000, 0.25m);
        Assert.NotEqual(0, await app.Database.ScalarAsync<long>(Wrong));
        var built = await app.Get<RollupFeed>().RebuildAsync(_ => { }, Cancel);
        Assert.True(built.Payments >= 3_000 && built.Refunds > 300);
        Assert.Equal(0, await app.Database.ScalarAsync<long>(Wrong));

        await app.Database.ScalarAsync<int>(
            "update analytics.taken set gross = gross + 1 where ctid = (select min(ctid) from analytics.taken where size = 'day')"
        );
        await app.Database.ScalarAsync<int>("delete from analytics.made where ctid = (select min(ctid) from analytics.made where payments > 0)");
        await app.Database.ScalarAsync<int>("insert into analytics.waits values ('hour', '2020-01-01', 5, 3)");
        Assert.NotEqual(0, await app.Database.ScalarAsync<long>(Wrong));
        Assert.Equal(3, (await app.Get<RollupFeed>().RebuildAsync(_ => { }, Cancel)).Fixed);
        Assert.Equal(0, await app.Database.ScalarAsync<long>(Wrong));
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select sum(payments)::bigint from analytics.waits where start = '2020-01-01'"));
        Assert.Equal(0, (await app.Get<RollupFeed>().RebuildAsync(_ => { }, Cancel)).Fixed);
    }

    [Fact]
    public async Task However_many_take_the_same_payments_on_two_servers_while_they_change_and_are_built_anew_each_counts_once()
    {
        await using var second = await app.SecondServerAsync();
        await RandomPayments.AddAsync(app, 400, -0.5m);
        var all = await IdsAsync();
        var work = Enumerable
            .Range(0, 50)
            .Select(async i =>
            {
                var some = all.Where((_, place) => (place * 31 + i) % 7 < 3).ToList();
                if (i % 5 == 0)
                {
                    await app.Database.ScalarAsync<int>(
                        "update payments.payments set state = 'completed', method = 'cash', completed_at = now() where id = any($1) and state = 'pending'",
                        some.Take(5).ToArray()
                    );
                }

                var feed = (i % 2 == 0 ? app : second).Get<RollupFeed>();
                await (i % 10 == 9 ? feed.RebuildAsync(_ => { }, Cancel) : feed.TakeAsync(some, Cancel));
            });
        await Task.WhenAll(work);
        await app.Get<RollupFeed>().TakeAsync(all, Cancel);
        Assert.Equal(0, await app.Database.ScalarAsync<long>(Wrong));
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select analytics.recount()"));
    }

    [Fact]
    public async Task Sums_of_vouchers_and_files_are_right_at_every_moment_while_they_change_are_folded_and_counted_anew_on_two_servers()
    {
        await using var second = await app.SecondServerAsync();
        await RandomVouchers.AddAsync(app, 1_500, 0.5m);
        await RandomVouchers.AddFilesAsync(app, 500, 0.5m);
        Assert.Equal((0L, 0L), await WrongSumsAsync());
        var work = Enumerable
            .Range(0, 50)
            .Select(async i =>
            {
                var server = i % 2 == 0 ? app : second;
                switch (i % 5)
                {
                    case 0:
                        await RandomVouchers.ChangeAsync(app, i);
                        break;
                    case 1:
                        await RandomVouchers.AddAsync(app, 20, i / 100m);
                        break;
                    case 2:
                        await server.Get<VoucherFigures>().FoldAsync(Cancel);
                        await server.Get<FileFigures>().FoldAsync(Cancel);
                        break;
                    case 3 when i % 20 == 3:
                        Assert.Equal(0, await server.Get<VoucherFigures>().RecountAsync(Cancel) + await server.Get<FileFigures>().RecountAsync(Cancel));
                        break;
                    default:
                        Assert.Equal((0L, 0L), await WrongSumsAsync()); // each in one look, whatever goes on
                        break;
                }
            });
        await Task.WhenAll(work);
        Assert.Equal((0L, 0L), await WrongSumsAsync());
        await app.Get<VoucherFigures>().FoldAsync(Cancel);
        await app.Get<FileFigures>().FoldAsync(Cancel);
        Assert.Equal((0L, 0L), await WrongSumsAsync());
        Assert.Equal(
            0,
            await app.Database.ScalarAsync<long>("select (select count(*) from vouchers.rollup_changes) + (select count(*) from files.rollup_changes)")
        );
    }

    [Fact]
    public async Task Sums_of_vouchers_and_files_that_were_wrong_are_put_right()
    {
        await RandomVouchers.AddAsync(app, 200, 0.1m);
        await RandomVouchers.AddFilesAsync(app, 50, 0.1m);
        await app.Get<VoucherFigures>().FoldAsync(Cancel);
        await app.Get<FileFigures>().FoldAsync(Cancel);
        await app.Database.ScalarAsync<int>("update vouchers.rollups set paid = paid + 1 where size = 'ever'");
        var wrong = await app.Database.ScalarAsync<long>("select count(*) from vouchers.rollups where size = 'ever'");
        await app.Database.ScalarAsync<int>(
            "delete from vouchers.rollups where ctid = (select min(ctid) from vouchers.rollups where size = 'day' and active > 0)"
        );
        await app.Database.ScalarAsync<int>("insert into files.rollups values ('hour', '2020-01-01', 1, 0, 0)");
        Assert.Equal((wrong + 1, 1L), await WrongSumsAsync());
        Assert.Equal(wrong + 1, await app.Get<VoucherFigures>().RecountAsync(Cancel));
        Assert.Equal(1, await app.Get<FileFigures>().RecountAsync(Cancel));
        Assert.Equal((0L, 0L), await WrongSumsAsync());
        Assert.Equal(0, await app.Get<VoucherFigures>().RecountAsync(Cancel));
    }

    [Fact]
    public async Task The_server_itself_cannot_touch_a_sum()
    {
        foreach (var sums in new[] { "analytics.taken set gross = 0", "vouchers.rollups set paid = 0", "files.rollup_changes set failed = 0" })
        {
            await using var command = app.Get<Database>().Source.CreateCommand("update " + sums);
            var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => command.ExecuteNonQueryAsync(Cancel));
            Assert.Equal(Npgsql.PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public void A_bucket_of_a_duration_is_off_by_less_than_it_says()
    {
        var last = -1;
        for (var length = 0L; length < 3_000_000_000; length += 1 + length / 97)
        {
            var bucket = WaitBuckets.Of(length);
            Assert.True(bucket >= last);
            last = bucket;
            Assert.InRange(Math.Abs(WaitBuckets.Middle(bucket) - length) * 1000, 0, WaitBuckets.ErrorPerMille * length);
        }

        Assert.Equal(0, WaitBuckets.Of(-5));
        Assert.Null(WaitBuckets.Percentile([], 500));
        Assert.Equal(2, WaitBuckets.Percentile([(1, 1), (2, 1), (3, 2)], 500));
    }

    private async Task<(long Vouchers, long Files)> WrongSumsAsync() =>
        (await app.Database.ScalarAsync<long>(VoucherStand.WrongSums), await app.Database.ScalarAsync<long>(FileBooks.WrongSums));

    private async Task<Guid[]> IdsAsync() => (await app.Database.ScalarAsync<Guid[]>("select array_agg(id) from payments.payments"))!;

    private Task CaughtUpAsync() =>
        app.Database.WaitAsync(
            """
            select not exists (
                select from payments.payments p left join analytics.payments k on k.id = p.id
                where p.created_at > now() - interval '1 hour' and (k.state, k.method) is distinct from (p.state, coalesce(p.method, ''))
            ) and (select count(*) from payments.refunds where state = 'completed' and requested_at > now() - interval '1 hour')
                <= (select count(*) from analytics.refunds where done_at > now() - interval '1 hour')
            """
        );
}
