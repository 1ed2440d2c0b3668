using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Vouchers;

/// <summary>A voucher type that somebody buys.</summary>
internal sealed class VoucherStand
{
    /// <summary>How many sums of vouchers are not what a plain recount gives.</summary>
    public const string WrongSums = """
        with fact as (
            select issued_at as at, type_id, currency, state, paid, 0 as uses, 0::bigint as refunded from vouchers.vouchers
            union all
            select ended_at, type_id, currency, '', 0, 0, refunded from vouchers.vouchers where state = 'cancelled'
            union all
            select r.redeemed_at, v.type_id, v.currency, '', 0, 1, 0 from vouchers.redemptions r join vouchers.vouchers v on v.id = r.voucher_id where undone_at is null
        ), sums as (
            select size, case size when 'ever' then '-infinity' else date_trunc(size, at, 'UTC') end as start, type_id, currency,
                count(*) filter (where state = 'active') as active, count(*) filter (where state = 'used') as used, count(*) filter (where state = 'expired') as expired,
                count(*) filter (where state = 'cancelled') as cancelled, sum(paid) as paid, sum(uses) as redeemed, sum(refunded) as refunded
            from fact cross join unnest(array['hour', 'day', 'ever']) size group by 1, 2, 3, 4
            union all
            select size, start, type_id, currency, -active, -used, -expired, -cancelled, -paid, -redeemed, -refunded from vouchers.figures
        )
        select count(*) from (
            select from sums group by size, start, type_id, currency
            having (sum(active), sum(used), sum(expired), sum(cancelled), sum(paid), sum(redeemed), sum(refunded)) <> (0, 0, 0, 0, 0, 0, 0)
        ) wrong
        """;

    private readonly Customer admin;

    private VoucherStand(FlorinApp app, Customer admin, JsonElement type)
    {
        App = app;
        this.admin = admin;
        Type = type.Text("id");
        Code = type.Text("code");
    }

    public FlorinApp App { get; }

    /// <summary>With a token that is valid at whatever time the test has wound the clock to.</summary>
    public Customer Admin => admin.Again();

    /// <summary><c>vty_…</c></summary>
    public string Type { get; }

    /// <summary>Its code, which is its service too.</summary>
    public string Code { get; }

    /// <param name="app">The program.</param>
    /// <param name="price">A decimal.</param>
    /// <param name="currency">Its currency.</param>
    /// <param name="more">Further members, such as <c>,"uses":3</c>.</param>
    public static async Task<VoucherStand> OpenAsync(FlorinApp app, string price = "10.00", string currency = "USD", string more = "")
    {
        var maker = await Customer.NewAsync(app, roles: [Roles.Customer, Roles.Admin]);
        var code = "t" + Guid.NewGuid().ToString("N");
        var body = $$$"""{"code":"{{{code}}}","name":"Exam Results","prices":[{"amount":"{{{price}}}","currency":"{{{currency}}}"}]{{{more}}}}""";
        return new VoucherStand(app, maker, (await maker.PostAsync("/v1/voucher-types", body)).Must(201));
    }

    public async Task ChangeAsync(string change) => (await Admin.SendAsync(HttpMethod.Patch, "/v1/voucher-types/" + Type, change)).Must(200);

    /// <summary>Makes a discount.</summary>
    /// <param name="what">Such as <c>"percent_bps":2000</c>.</param>
    /// <returns>Its code.</returns>
    public async Task<string> DiscountAsync(string what)
    {
        var code = "D" + Guid.NewGuid().ToString("N")[..10].ToUpperInvariant();
        var now = App.Clock.GetUtcNow();
        var body =
            $$"""{"code":"{{code}}","valid_from":"{{now.AddHours(-1):yyyy-MM-ddTHH:mm:ssZ}}","valid_until":"{{now.AddDays(300):yyyy-MM-ddTHH:mm:ssZ}}",{{what}}}""";
        (await Admin.PostAsync("/v1/voucher-discounts", body)).Must(201);
        return code;
    }

    /// <summary>Asks for a payment.</summary>
    /// <param name="buyer">Who buys.</param>
    /// <param name="more">Further members of the subject, such as <c>,"quantity":2</c>.</param>
    /// <param name="key">The idempotency key.</param>
    public Task<Answered> OrderAsync(Customer buyer, string more = "", string? key = null) =>
        buyer.PostAsync("/v1/payments", $$$"""{"purpose":"voucher","subject":{"type":"{{{Type}}}"{{{more}}}}}""", key);

    public async Task<Bill> AskAsync(Customer buyer, string more = "") => Bill.Of(App, (await OrderAsync(buyer, more)).Must(201));

    /// <summary>Buys by wallet.</summary>
    /// <returns>The vouchers as their owner sees them, first place first.</returns>
    public async Task<JsonElement[]> BuyAsync(Purse payer, string more = "")
    {
        var bill = await AskAsync(payer.Owner, more);
        (await bill.PayAsync(payer)).Must(200);
        return await OfAsync(payer.Owner, bill);
    }

    public static async Task<JsonElement[]> OfAsync(Customer owner, Bill bill) =>
        [
            .. (await owner.GetAsync("/v1/vouchers?payment=" + bill.Id))
                .Must(200)
                .At("data")
                .EnumerateArray()
                .OrderBy(one => one.Text("id"), StringComparer.Ordinal),
        ];

    /// <summary>Makes a person a verifier of this type's service.</summary>
    public async Task GrantAsync(Customer person) =>
        (await Admin.PostAsync("/v1/voucher-verifiers", $$"""{"login":"c{{person.Id:N}}","service_type":"{{Code}}"}""")).Must(201);

    public static Task<Answered> RedeemAsync(Customer by, string code, string more = "", string? key = null) =>
        by.PostAsync("/v1/vouchers/redemptions", $$"""{"code":"{{code}}"{{more}}}""", key);

    /// <summary>Finance pays a payment back.</summary>
    public static async Task<Answered> RefundAsync(FlorinApp app, Bill bill, string? amount = null)
    {
        var finance = await Customer.NewAsync(app, roles: [Roles.Finance]);
        var body = amount is null ? "{}" : $$$"""{"amount":{"amount":"{{{amount}}}","currency":"{{{bill.Currency}}}"}}""";
        return await finance.PostAsync($"/v1/payments/{bill.Id}/refunds", body);
    }

    /// <summary>The books are clean, the ledger owes for vouchers what they are worth, in every currency, and the sums are those of the table.</summary>
    public static async Task CheckBooksAsync(FlorinApp app)
    {
        await Books.CheckAsync(app);
        Assert.Equal(0, await app.Database.ScalarAsync<long>(WrongSums));
        var auditor = await Customer.NewAsync(app, roles: [Roles.Auditor]);
        foreach (var owed in (await auditor.GetAsync("/v1/voucher-liability")).Must(200).At("data").EnumerateArray())
        {
            Assert.Equal(owed.Text("outstanding.amount"), owed.Text("held.amount"));
        }
    }

    /// <summary>What a house account holds, in minor units.</summary>
    public static Task<long> HeldAsync(FlorinApp app, string account, string currency = "USD") =>
        app.Database.ScalarAsync<long>("select coalesce(sum(balance), 0)::bigint from ledger.accounts where code = $1", $"{account}:{currency}");
}
