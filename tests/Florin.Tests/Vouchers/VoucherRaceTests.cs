using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Vouchers;

/// <summary>What may happen once happens once, however many try on two servers at the same moment (R5).</summary>
public sealed class VoucherRaceTests(VoucherRaceTests.TwoServers servers) : IClassFixture<VoucherRaceTests.TwoServers>
{
    private const int Tries = 50;
    private readonly FlorinApp app = servers.First;
    private readonly FlorinApp second = servers.Second;

    /// <summary>Two servers on one database, for all tests of the class.</summary>
    public sealed class TwoServers : IAsyncLifetime
    {
        public FlorinApp First { get; } = new();

        public FlorinApp Second { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await First.InitializeAsync();
            Second = await First.SecondServerAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Second.DisposeAsync();
            await First.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_last_use_is_used_once()
    {
        // In a currency in which no other voucher owes anything: the ledger then finds its liability short before it finds the voucher used.
        var stand = await VoucherStand.OpenAsync(app, currency: "KZT", more: ""","uses":2""");
        var owner = await (await Customer.NewAsync(app)).OpenAsync("KZT", "1000.00");
        var verifier = await Customer.NewAsync(app);
        await stand.GrantAsync(verifier);
        var code = (await stand.BuyAsync(owner))[0].Text("code");
        (await VoucherStand.RedeemAsync(owner.Owner, code)).Must(201);
        var answers = await RaceAsync(i => VoucherStand.RedeemAsync(At(i % 3 == 0 ? verifier : owner.Owner, i), code));
        var done = Assert.Single(answers, answer => answer.Status == 201).Must(201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.MustRefuse(409, "voucher_used"));

        // And undone once.
        var support = await Customer.NewAsync(app, roles: [Roles.Support]);
        var undone = await RaceAsync(i => At(support, i).PostAsync($"/v1/vouchers/redemptions/{done.Text("id")}/undo", """{"why":"x"}"""));
        Assert.Single(undone, answer => answer.Status == 200);
        Assert.All(undone.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "redemption_undone"));
        Assert.Equal("1", (await owner.Owner.GetAsync("/v1/vouchers/" + code)).Must(200).Text("uses_left"));
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task Of_many_uses_each_is_used_once()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","uses":20""");
        var owner = await WalletAsync();
        var code = (await stand.BuyAsync(owner))[0].Text("code");
        var answers = await RaceAsync(i => VoucherStand.RedeemAsync(At(owner.Owner, i), code));
        var left = answers.Where(answer => answer.Status == 201).Select(answer => answer.Must(201).Text("uses_left")).ToList();
        Assert.Equal((20, 20), (left.Count, left.Distinct(StringComparer.Ordinal).Count())); // each is told how many are left after it
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.True(answer.MustRefuseAny() is "voucher_used" or "voucher_changed"));
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task The_last_of_the_stock_is_sold_once()
    {
        var stand = await VoucherStand.OpenAsync(app, more: ""","stock":1""");
        var answers = await BuyersAsync(stand, "");
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "voucher_sold_out"));
        Assert.Equal(0, await app.Database.ScalarAsync<int>("select stock from vouchers.types where id = $1", Ids.Read("vty", stand.Type)));
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task The_last_of_a_discount_is_used_once()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var discount = await stand.DiscountAsync("\"percent_bps\":5000,\"max_uses\":1,\"max_per_person\":null");
        var answers = await BuyersAsync(stand, $$""","discount":"{{discount}}" """);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "discount_used_up"));
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task A_person_uses_a_discount_as_often_as_they_may()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var discount = await stand.DiscountAsync("\"percent_bps\":5000"); // once a person
        var payer = await WalletAsync();
        var bills = await Task.WhenAll(Enumerable.Range(0, Tries).Select(_ => stand.AskAsync(payer.Owner, $$""","discount":"{{discount}}" """)));
        var answers = await RaceAsync(i => bills[i].PayAsync(payer with { Owner = At(payer.Owner, i) }));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "discount_used_up"));
        Assert.Equal("995.00", await payer.BalanceAsync());
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task A_voucher_is_given_to_one_or_redeemed_or_refunded_and_never_two_of_these()
    {
        var stand = await VoucherStand.OpenAsync(app);
        var (owner, one, other) = (await WalletAsync(), await WalletAsync(), await WalletAsync());
        var finance = await Customer.NewAsync(app, roles: [Roles.Finance]);
        var bill = await stand.AskAsync(owner.Owner);
        (await bill.PayAsync(owner)).Must(200);
        var voucher = (await VoucherStand.OfAsync(owner.Owner, bill))[0];
        var code = voucher.Text("code");
        var answers = await RaceAsync(i =>
            (i % 4) switch
            {
                0 => VoucherStand.RedeemAsync(At(owner.Owner, i / 4), code),
                1 => At(finance, i / 4).PostAsync($"/v1/payments/{bill.Id}/refunds", "{}"),
                _ => At(owner.Owner, i / 4).PostAsync($"/v1/vouchers/{voucher.Text("id")}/gift", $$"""{"to":"{{(i % 4 == 2 ? one : other).Number}}"}"""),
            }
        );
        var done = answers.Select((answer, i) => (answer.Status, Kind: i % 4)).Where(answer => answer.Status < 300).Select(answer => answer.Kind).ToList();
        Assert.True(done.Count(kind => kind is 0) + done.Count(kind => kind is 1) <= 1, string.Join(' ', done)); // used or refunded
        Assert.True(done.Count(kind => kind is 2 or 3) <= 1, string.Join(' ', done)); // given once
        Assert.NotEmpty(done);
        await VoucherStand.CheckBooksAsync(app);
    }

    private async Task<Answered[]> BuyersAsync(VoucherStand stand, string more)
    {
        var payers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => WalletAsync()));
        var bills = await Task.WhenAll(Enumerable.Range(0, Tries).Select(i => stand.AskAsync(payers[i % 10].Owner, more)));
        var answers = await RaceAsync(i => bills[i].PayAsync(payers[i % 10] with { Owner = At(payers[i % 10].Owner, i) }));
        Assert.Single(answers, answer => answer.Status == 200);
        var vouchers = await app.Database.ScalarAsync<long>("select count(*) from vouchers.vouchers where type_id = $1", Ids.Read("vty", stand.Type));
        Assert.Equal(1, vouchers);
        return answers;
    }

    private Customer At(Customer who, int i) => i % 2 == 0 ? who : who.At(second);

    private static Task<Answered[]> RaceAsync(Func<int, Task<Answered>> tryOnce) => Task.WhenAll(Enumerable.Range(0, Tries).Select(tryOnce));

    private async Task<Purse> WalletAsync() => await (await Customer.NewAsync(app)).OpenAsync("USD", "1000.00");
}
