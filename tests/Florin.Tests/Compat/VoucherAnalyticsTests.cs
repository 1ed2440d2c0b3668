using System.Globalization;
using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Biometrics;
using Florin.Tests.Vouchers;
using Florin.Tests.Wallets;

namespace Florin.Tests.Compat;

/// <summary>Seed 2's analytics: the line of its README and the two routes of its code, and hole 8.2.8.</summary>
[Collection(CompatServer.Name)]
public sealed class VoucherAnalyticsTests(FaceRig rig)
{
    private readonly FlorinApp app = rig.App;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Analytics_dashboard_user_and_revenue()
    {
        var staff = await OldClient.SignedInAsync(app, Roles.Finance);
        var stand = await VoucherStand.OpenAsync(app, "10.00", app.Get<Settings>().DefaultCurrency.Code, ",\"uses\":2");
        var buyer = await OldClient.SignedInAsync(app);
        await buyer.AddAsync("100.00");
        var types = (await buyer.GetAsync("/api/vouchers/types/")).Must(200).At("results").EnumerateArray();
        var type = types.Single(one => string.Equals(one.At("type_code").GetString(), stand.Code, StringComparison.Ordinal)).At("id").GetInt64();
        await app.Get<Florin.Analytics.RollupFeed>().RebuildAsync(_ => { }, Cancel); // whatever the outbox has told it so far
        var before = (await staff.GetAsync("/api/analytics/dashboard/")).Must(200);
        var order = new
        {
            voucher_type_id = type,
            quantity = 3,
            discount_code = await stand.DiscountAsync("\"percent_bps\":2500"),
        };
        var code = (await buyer.PostAsync("/api/vouchers/purchase/", order)).Must(201).At("vouchers.0.code").GetString();
        (await buyer.PostAsync("/api/vouchers/redeem/", new { code, service_type = stand.Code })).Must(200);
        var payment = (await buyer.GetAsync("/api/payments/history/")).Must(200).At("results.0.id").GetString();
        var refund = new
        {
            payment_id = payment,
            reason = "customer_request",
            amount = "7.50",
        };
        (await staff.PostAsync("/api/payments/refund/request/", refund)).Must(201);
        await app.Get<Florin.Analytics.RollupFeed>().RebuildAsync(_ => { }, Cancel);

        await DashboardAsync(staff, stand, before);
        await MineAsync(buyer, stand, code!);
        await RevenueAsync(staff, stand);
        foreach (var wrong in new[] { "days=x", "days=400", "currency=gold" })
        {
            (await staff.GetAsync("/api/analytics/revenue/?" + wrong)).Must(400);
        }

        Assert.Equal("0", (await staff.GetAsync("/api/analytics/dashboard/?currency=EUR")).Must(200).At("revenue.total").GetRawText());
        (await buyer.GetAsync("/api/analytics/dashboard/")).Must(403);
        (await buyer.GetAsync("/api/analytics/revenue/")).Must(403);
        (await OldClient.Anonymous(app).GetAsync("/api/analytics/user/")).Must(401);
    }

    // 8.2.8: it answers, and what a purchase cost is what was paid: quantity, discount and refund are in it.
    private static async Task DashboardAsync(OldClient staff, VoucherStand stand, JsonElement before)
    {
        var board = await staff.GetAsync("/api/analytics/dashboard/");
        board.Must(200);
        Assert.Equal("users vouchers revenue voucher_types recent_activity currency", board.Members);
        Assert.Equal("total new_this_week active_this_month", Names(board.Json.At("users")));
        Assert.Equal("total active used expired issued_this_week used_this_week", Names(board.Json.At("vouchers")));
        Assert.Equal("payments_this_week vouchers_issued_this_week vouchers_used_this_week", Names(board.Json.At("recent_activity")));
        foreach (
            var (figure, more) in new[]
            {
                ("revenue.total", 15m),
                ("revenue.this_week", 15m),
                ("revenue.this_month", 15m),
                ("vouchers.total", 3m),
                ("vouchers.issued_this_week", 3m),
                ("vouchers.used_this_week", 1m),
                ("recent_activity.payments_this_week", 1m),
            }
        )
        {
            Assert.Equal(more, board.Json.At(figure).GetDecimal() - before.At(figure).GetDecimal());
        }

        var sold = board
            .Json.At("voucher_types")
            .EnumerateArray()
            .Single(one => string.Equals(one.At("type_code").GetString(), stand.Code, StringComparison.Ordinal));
        Assert.Equal(
            $$"""{"name":"Exam Results","type_code":"{{stand.Code}}","total_purchased":3,"total_used":1,"revenue":15.00,"price":10.00}""",
            sold.GetRawText()
        );
    }

    private static async Task MineAsync(OldClient buyer, VoucherStand stand, string code)
    {
        var mine = await buyer.GetAsync("/api/analytics/user/");
        mine.Must(200);
        Assert.Equal("voucher_summary spending usage_by_type recent_vouchers recent_usage", mine.Members);
        Assert.Equal("""{"total":3,"active":2,"used":0,"expired":0}""", mine.Json.At("voucher_summary").GetRawText());
        Assert.Equal((15m, 5m), (mine.Json.At("spending.total").GetDecimal(), mine.Json.At("spending.average_per_voucher").GetDecimal()));
        var uses = $$"""[{"voucher__voucher_type__name":"Exam Results","voucher__voucher_type__type_code":"{{stand.Code}}","usage_count":1}]""";
        Assert.Equal(uses, mine.Json.At("usage_by_type").GetRawText());
        Assert.Equal(
            (3, "code type status issued_at expires_at"),
            (mine.Json.At("recent_vouchers").GetArrayLength(), Names(mine.Json.At("recent_vouchers.0")))
        );
        Assert.Equal((code, stand.Code), (mine.Json.At("recent_usage.0.voucher_code").GetString(), mine.Json.At("recent_usage.0.service_type").GetString()));
    }

    private static async Task RevenueAsync(OldClient staff, VoucherStand stand)
    {
        var revenue = await staff.GetAsync("/api/analytics/revenue/?days=7");
        revenue.Must(200);
        Assert.Equal("period daily_revenue revenue_by_type payment_methods summary currency", revenue.Members);
        Assert.Equal("7", revenue.Json.At("period.days").GetRawText());
        var byType = $$"""{"voucher_type__name":"Exam Results","voucher_type__type_code":"{{stand.Code}}","revenue":"15.00","quantity":3}""";
        Assert.Contains(byType, revenue.Json.At("revenue_by_type").GetRawText(), StringComparison.Ordinal);
        Assert.Equal("payment_method count revenue", Names(revenue.Json.At("payment_methods.0")));
        Assert.Equal("day revenue payment_count", Names(revenue.Json.At("daily_revenue.0")));
        var total = revenue.Json.At("summary.total_revenue").GetString();
        Assert.Equal(
            total,
            revenue
                .Json.At("daily_revenue")
                .EnumerateArray()
                .Sum(day => decimal.Parse(day.At("revenue").GetString()!, CultureInfo.InvariantCulture))
                .ToString("0.00", CultureInfo.InvariantCulture)
        );
        Assert.Equal((await staff.GetAsync("/api/analytics/dashboard/")).Must(200).At("revenue.this_week").GetRawText(), total);
    }

    private static string Names(JsonElement of) => string.Join(' ', of.EnumerateObject().Select(one => one.Name));
}
