using System.Globalization;
using Florin.Analytics;
using Florin.Files;
using Florin.Ledger;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Vouchers;
using Florin.Tests.Wallets;
using Florin.Vouchers;

namespace Florin.Tests.Analytics;

/// <summary>Every number of the overview beside a plain SQL recount of the modules' own tables, over random data.</summary>
public sealed class DashboardTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_number_equals_a_plain_recount_over_random_data()
    {
        await RandomPayments.AddAsync(app, 4_000, 0.75m);
        await RandomVouchers.AddAsync(app, 1_500, 0.75m);
        await RandomVouchers.AddFilesAsync(app, 500, 0.75m);
        await RealOnesAsync();
        await app.Get<RollupFeed>().RebuildAsync(_ => { }, Cancel);
        var auditor = await Customer.NewAsync(app, roles: [Roles.Auditor]);
        var recounts = new DashboardRecounts(app);
        foreach (
            var query in new[] { "", "?period=24h", "?period=30d", $"?from={Day(-33)}&to={Day(-3)}", $"?from={Day(-40)}T05:30:00Z&to={Day(-38)}T07:10:00Z" }
        )
        {
            var shown = (await auditor.GetAsync("/v1/analytics/dashboard" + query)).Must(200);
            await recounts.CompareAsync(shown);
            var revenue = (await auditor.GetAsync("/v1/analytics/revenue" + (query.Length == 0 ? "?period=7d" : query))).Must(200);
            foreach (var part in new[] { "takings", "methods", "purposes", "times", "voucher_types", "income" })
            {
                Assert.Equal(shown.At(part).GetRawText(), revenue.At(part).GetRawText());
            }

            await app.Get<VoucherFigures>().FoldAsync(Cancel); // what was read is the same before and after
            await app.Get<FileFigures>().FoldAsync(Cancel);
        }

        await recounts.CompareHouseAsync((await auditor.GetAsync("/v1/house")).Must(200));
    }

    [Fact]
    public async Task The_same_comes_as_CSV_and_what_cannot_be_asked_is_refused()
    {
        var auditor = await Customer.NewAsync(app, roles: [Roles.Auditor]);
        foreach (var path in new[] { "/v1/analytics/dashboard", "/v1/analytics/revenue", "/v1/analytics/me" })
        {
            var csv = await auditor.GetAsync(path + "?format=csv");
            csv.Must200("text/csv");
            Assert.StartsWith("section,name,currency,figure,now,before\r\nstretch,", csv.Body, StringComparison.Ordinal);
            foreach (
                var wrong in new[] { "period=1y", "period=24h&from=2026-01-01", "from=2026-02-01&to=2026-01-01", "from=2020-01-01", "to=soon", "format=pdf" }
            )
            {
                (await auditor.GetAsync($"{path}?{wrong}")).MustRefuse(400, "invalid_request");
            }
        }

        (await auditor.GetAsync("/v1/house?format=csv")).Must200("text/csv");
        var customer = await Customer.NewAsync(app);
        (await customer.GetAsync("/v1/analytics/dashboard")).MustRefuse(403, "forbidden");
        (await customer.GetAsync("/v1/house")).MustRefuse(403, "forbidden");
    }

    [Fact]
    public async Task A_person_sees_what_they_paid_themselves_with_quantity_discount_and_refunds_right()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","uses":2""");
        var buyer = await (await Customer.NewAsync(app)).OpenAsync("USD", "100.00");
        var discount = await stand.DiscountAsync("\"percent_bps\":2500");
        var bill = await stand.AskAsync(buyer.Owner, $$""","quantity":3,"discount":"{{discount}}" """);
        (await bill.PayAsync(buyer)).Must(200); // 22.50
        var bought = await VoucherStand.OfAsync(buyer.Owner, bill);
        (await VoucherStand.RedeemAsync(buyer.Owner, bought[0].Text("code"))).Must(201);
        (await VoucherStand.RefundAsync(app, bill, "7.50")).Must(201);
        var shown = (await buyer.Owner.GetAsync("/v1/analytics/me")).Must(200);
        var spent = shown.At("spending").EnumerateArray().Single(row => row.Text("purpose") is "voucher"); // beside the top-up of the wallet
        Assert.Equal(
            "voucher 22.50 7.50 15.00 1",
            $"{spent.Text("purpose")} {spent.Text("paid.amount")} {spent.Text("refunded.amount")} {spent.Text("net.amount")} {spent.Text("payments")}"
        );
        Assert.Equal(
            "3 2 1 3 15.00",
            $"{shown.Text("vouchers.total")} {shown.Text("vouchers.active")} {shown.Text("vouchers.cancelled")} {shown.Text("vouchers.bought")} {shown.At("vouchers.spent")[0].Text("amount")}"
        );
        Assert.Equal(1, shown.At("services")[0].At("uses").GetInt32());
        var stranger = await Customer.NewAsync(app);
        var nothing = (await stranger.GetAsync("/v1/analytics/me?period=24h")).Must(200);
        Assert.Equal("0 0", $"{nothing.At("spending").GetArrayLength()} {nothing.Text("vouchers.bought")}");
    }

    [Fact]
    public async Task The_last_recount_of_the_book_is_kept_clean_or_broken()
    {
        var auditor = await Customer.NewAsync(app, roles: [Roles.Auditor]);
        await (await Customer.NewAsync(app)).OpenAsync("EUR", "5.00");
        await app.Get<BookFigures>().VerifyAsync(_ => { }, Cancel);
        var clean = (await auditor.GetAsync("/v1/house")).Must(200);
        Assert.Equal(0, clean.At("verified.broken").GetInt32());
        Assert.True(clean.At("verified.entries").GetInt64() >= await app.Database.ScalarAsync<long>("select count(*) - 100 from ledger.entries"));
        await app.Database.ScalarAsync<int>(
            "alter table ledger.accounts disable trigger user; update ledger.accounts set balance = balance + 7 where code = 'gateway:sandbox:EUR'"
        );
        try
        {
            Assert.Equal(2, (await app.Get<BookFigures>().VerifyAsync(_ => { }, Cancel)).Broken);
            var broken = (await auditor.GetAsync("/v1/house")).Must(200);
            Assert.Contains("make", broken.Text("verified.first_broken"), StringComparison.Ordinal);
            var euro = broken.At("currencies").EnumerateArray().Single(one => one.Text("currency") is "EUR");
            Assert.Equal("0.07", euro.Text("difference.amount"));
        }
        finally
        {
            await app.Database.ScalarAsync<int>(
                "update ledger.accounts set balance = balance - 7 where code = 'gateway:sandbox:EUR'; alter table ledger.accounts enable trigger user"
            );
        }
    }

    private string Day(int days) => app.Clock.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    // Sales with fees, vouchers with redemptions, and a conversion, so that the book and the other modules have figures.
    private async Task RealOnesAsync()
    {
        var till = await Till.OpenAsync(app);
        var admin = await Customer.NewAsync(app, roles: [Roles.Admin]);
        (await admin.SendAsync(HttpMethod.Put, "/v1/shop-plans/figures", """{"percent_bps":250,"fixed":[{"amount":"0.30","currency":"USD"}]}""")).Must(200);
        (await admin.SendAsync(HttpMethod.Put, $"/v1/shops/{till.Shop}/plan", """{"plan":"figures"}""")).Must(200);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "500.00");
        for (var i = 0; i < 5; i++)
        {
            var bill = await till.AskAsync($"{11 + (i * 7)}.50");
            (await bill.PayAsync(payer)).Must(200);
        }

        var stand = await VoucherStand.OpenAsync(app, more: ""","uses":2""");
        var bought = await stand.BuyAsync(payer, ""","quantity":4""");
        (await VoucherStand.RedeemAsync(payer.Owner, bought[0].Text("code"))).Must(201);
        (await VoucherStand.RedeemAsync(payer.Owner, bought[0].Text("code"))).Must(201);
        (await VoucherStand.RedeemAsync(payer.Owner, bought[1].Text("code"))).Must(201);
    }
}
