using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

public sealed class BankAccountTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Theory]
    [InlineData("DE89 3704 0044 0532 0130 00", "DE •••• 3000")]
    [InlineData("gb29nwbk60161331926819", "GB •••• 6819")]
    [InlineData("KZ86125KZT5004100100", "KZ •••• 0100")]
    public async Task An_IBAN_is_checked_and_shown_masked_for_ever_after(string iban, string shown)
    {
        var till = await Till.OpenAsync(app);
        var added = (await PayoutStand.AddBankAsync(till, iban: iban)).Must(201);
        Assert.Equal(shown, added.Text("shown"));
        var listed = (await till.Merchant.GetAsync(Path(till))).Must(200).At("data")[0];
        Assert.Equal(added.GetRawText(), listed.GetRawText());
        var compact = iban.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        Assert.Equal(
            0,
            await app.Database.ScalarAsync<long>(
                """
                select (select count(*) from shops.bank_accounts b where b::text like $1 or position(convert_to($2, 'UTF8') in sealed) > 0)
                    + (select count(*) from platform.outbox where payload::text like $1) + (select count(*) from activity.entries where details::text like $1)
                    + (select count(*) from platform.idempotency where convert_from(body, 'UTF8') like $1)
                """,
                $"%{compact}%",
                compact
            )
        );
    }

    [Theory]
    [InlineData("DE89370400440532013001")] // one digit is wrong
    [InlineData("DE98370400440532013000")] // two are swapped
    [InlineData("DE8937040044")]
    [InlineData("8989370400440532013000")]
    [InlineData("DE89370400440532013ü00")]
    [InlineData("")]
    public async Task What_is_no_IBAN_is_refused(string iban) =>
        (await PayoutStand.AddBankAsync(await Till.OpenAsync(app), iban: iban)).MustRefuse(400, "invalid_request");

    [Fact]
    public async Task An_account_number_goes_with_its_banks_code_and_not_with_an_IBAN()
    {
        var till = await Till.OpenAsync(app);
        var added = (await AddAsync(""","account":"12-345 678","bank_code":"20-00-00" """)).Must(201);
        Assert.Equal("200000 •••• 5678", added.Text("shown"));
        (await AddAsync(""","account":"12345678" """)).MustRefuse(400, "invalid_request");
        (await AddAsync("")).MustRefuse(400, "invalid_request");
        (await AddAsync($$""","account":"12345678","bank_code":"200000","iban":"{{PayoutStand.Iban}}" """)).MustRefuse(400, "invalid_request");
        Task<Answered> AddAsync(string more) => till.Merchant.PostAsync(Path(till), $$"""{"holder":"Ada"{{more}}}""");
    }

    [Fact]
    public async Task It_is_closed_when_nothing_is_on_its_way_there_and_its_numbers_are_erased()
    {
        var stand = await PayoutStand.OpenAsync(app);
        var payout = await stand.AskAsync("1.00");
        var address = $"{Path(stand.Till)}/{stand.Bank}";
        (await stand.Till.Merchant.SendAsync(HttpMethod.Delete, address)).MustRefuse(409, "bank_account_in_use");
        (await stand.CancelAsync(payout)).Must(200);
        (await stand.Till.Merchant.SendAsync(HttpMethod.Delete, address)).Must(204);
        (await stand.Till.Merchant.SendAsync(HttpMethod.Delete, address)).Must(204);
        (await stand.TryAsync("1.00")).MustRefuse(404, "not_found");
        Assert.True(await app.Database.ScalarAsync<bool>("select sealed is null from shops.bank_accounts where id = $1", Ids.Read("bnk", stand.Bank)));
        await stand.CheckAsync();
    }

    [Fact]
    public async Task A_payout_goes_to_an_account_of_its_own_shop()
    {
        var stand = await PayoutStand.OpenAsync(app, "10.00");
        var other = await Till.OpenAsync(app);
        var theirs = (await PayoutStand.AddBankAsync(other)).Must(201).Text("id");
        (await stand.TryAsync("1.00", theirs)).MustRefuse(404, "not_found");
        Assert.Equal("10.00", await stand.Till.SettlementAsync());
    }

    [Fact]
    public async Task Closing_and_asking_at_one_moment_never_leave_a_payout_without_an_account()
    {
        for (var round = 0; round < 10; round++)
        {
            var stand = await PayoutStand.OpenAsync(app, "10.00");
            var (asked, closed) = (stand.TryAsync("1.00"), stand.Till.Merchant.SendAsync(HttpMethod.Delete, $"{Path(stand.Till)}/{stand.Bank}"));
            await Task.WhenAll(asked, closed);
            Assert.Single(new[] { await asked, await closed }, answer => answer.Status < 300);
        }
    }

    [Fact]
    public async Task A_shop_has_at_most_ten()
    {
        var till = await Till.OpenAsync(app);
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => PayoutStand.AddBankAsync(till)));
        Assert.Equal(10, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.MustRefuse(409, "bank_account_limit_reached"));
    }

    private static string Path(Till till) => $"/v1/shops/{till.Shop}/bank-accounts";
}
