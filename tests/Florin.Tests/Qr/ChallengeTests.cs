using System.Text.Json;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Qr;

public sealed class ChallengeTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task The_payer_sees_what_will_be_taken_and_pays_that_once()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var bill = await till.AskAsync("5.00");
        var seen = await AskAsync(bill, payer);
        Assert.Equal(
            [bill.Id, "Corner Shop", "5.00", payer.Id, "5.00", "null", "false"],
            [
                seen.Text("payment"),
                seen.Text("payee_name"),
                seen.Text("amount.amount"),
                seen.Text("wallet"),
                seen.Text("taken.amount"),
                seen.Text("rate"),
                seen.Text("pin_required"),
            ]
        );
        var challenge = seen.Text("challenge");
        Assert.Equal(43, challenge.Length);
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from payments.challenges c where c::text like '%' || $1 || '%'", challenge));
        var key = Customer.NewKey();
        var first = await PayAsync(bill, payer, challenge, key);
        first.Must(200);
        var second = await PayAsync(bill, payer, challenge, key);
        Assert.True(second.Replayed);
        Assert.Equal(first.Bytes, second.Bytes);
        (await PayAsync(bill, payer, challenge)).MustRefuse(409, "challenge_used");
        Assert.Equal("15.00", await payer.BalanceAsync());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Above_the_limit_it_says_that_the_PIN_is_needed_and_is_not_used_up_without_it()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app, pin: "4711")).OpenAsync("USD", "20.00");
        (await payer.Owner.SendAsync(HttpMethod.Patch, payer.Path, """{"pin_limit":{"amount":"5.00","currency":"USD"},"pin":"4711"}""")).Must(200);
        Assert.Equal("false", (await AskAsync(await till.AskAsync("5.00"), payer)).Text("pin_required"));
        var bill = await till.AskAsync("5.01");
        var seen = await AskAsync(bill, payer);
        Assert.Equal("true", seen.Text("pin_required"));
        (await PayAsync(bill, payer, seen.Text("challenge"))).MustRefuse(403, "pin_required");
        (await PayAsync(bill, payer, seen.Text("challenge"), more: ""","pin":"4711" """)).Must(200);
    }

    [Fact]
    public async Task A_wallet_of_another_currency_is_told_rate_and_both_amounts_and_pays_no_more()
    {
        var till = await Till.OpenAsync(app);
        var owner = await Customer.NewAsync(app);
        var dollars = await owner.OpenAsync("USD", "50.00");
        var tenge = await owner.OpenAsync("KZT", "100000.00");
        var bill = await till.AskAsync("5.00");
        var seen = await AskAsync(bill, tenge);
        Assert.Equal(["KZT", "USD"], [seen.Text("taken.currency"), seen.Text("amount.currency")]);
        Assert.NotEqual("null", seen.Text("rate"));
        (await PayAsync(bill, dollars, seen.Text("challenge"))).MustRefuse(409, "challenge_differs");

        // The rate moved against the payer.
        var dearer = await AskAsync(bill, tenge);
        await app.Database.ScalarAsync<int>("update payments.challenges set taken = taken - 1 where used_at is null");
        (await PayAsync(bill, tenge, dearer.Text("challenge"))).MustRefuse(409, "challenge_differs");
        var now = await AskAsync(bill, tenge);
        var paid = (await PayAsync(bill, tenge, now.Text("challenge"))).Must(200);
        Assert.Equal(now.Text("taken.amount"), paid.Text("attempt.taken.amount"));
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task It_is_good_for_one_payment_one_payer_and_one_minute()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var other = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var bill = await till.AskAsync("5.00");
        var another = await till.AskAsync("5.00");
        var challenge = (await AskAsync(bill, payer)).Text("challenge");
        (await PayAsync(another, payer, challenge)).MustRefuse(403, "challenge_invalid");
        (await PayAsync(bill, other, challenge)).MustRefuse(403, "challenge_invalid");
        (await PayAsync(bill, payer, "nonsense")).MustRefuse(403, "challenge_invalid");
        (await bill.PayAsync(payer.Owner, $$"""{"method":"sandbox","challenge":"{{challenge}}"}""")).MustRefuse(400, "invalid_request");
        (await till.CashAsync(bill, $$""","challenge":"{{challenge}}" """)).MustRefuse(403, "challenge_invalid");
        app.Clock.Wind(TimeSpan.FromSeconds(60));
        (await PayAsync(bill, payer, challenge)).MustRefuse(409, "challenge_expired");
        Assert.Equal("pending", await bill.StateAsync());
        Assert.Equal("20.00", await payer.BalanceAsync());
        (await PayAsync(bill, payer, (await AskAsync(bill, payer)).Text("challenge"))).Must(200);
        (await bill.PayAsync(payer)).MustRefuse(409, "payment_not_payable");
    }

    [Fact]
    public async Task What_cannot_be_paid_has_none()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var bill = await till.AskAsync("5.00");
        var path = $"/v1/payments/{bill.Code}/challenges";
        (await till.Merchant.PostAsync(path, "{}")).MustRefuseAny(); // has no wallet, and would pay themself
        (await payer.Owner.PostAsync(path, """{"method":"cash"}""")).MustRefuse(403, "forbidden");
        (await payer.Owner.PostAsync(path, """{"method":"sandbox"}""")).MustRefuse(422, "method_not_offered");
        (await payer.Owner.PostAsync($"/v1/payments/{bill.Id}/challenges", "{}")).MustRefuse(404, "not_found");
        var own = Bill.Of(app, (await payer.Owner.PostAsync($"/v1/shops/{till.Shop}/sales", """{"amount":{"amount":"1.00","currency":"USD"}}""")).Must(201));
        var other = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        (await other.Owner.PostAsync($"/v1/payments/{own.Code}/challenges", "{}")).MustRefuse(403, "other_payer");
        (await till.Merchant.PostAsync($"/v1/payments/{bill.Id}/cancel", "{}")).Must(200);
        (await payer.Owner.PostAsync(path, "{}")).MustRefuse(409, "payment_not_payable");
    }

    [Fact]
    public async Task Of_fifty_payers_who_scanned_one_code_one_pays()
    {
        await using var second = await app.SecondServerAsync();
        var till = await Till.OpenAsync(app);
        var payers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ => await (await Customer.NewAsync(app)).OpenAsync("USD", "5.00")));
        var bill = await till.AskAsync("5.00");
        var scanned = new Uri(await Scanner.ReadAsync(till.Merchant, $"/v1/payments/{bill.Id}/qr?size=200"));
        Assert.Equal(bill.Code, scanned.Segments[^1]);
        var challenges = await Task.WhenAll(payers.Select(async payer => (await AskAsync(bill, payer)).Text("challenge")));
        var answers = await Task.WhenAll(
            payers.Select((payer, i) => PayAsync(bill, i % 2 == 0 ? payer : payer with { Owner = payer.Owner.At(second) }, challenges[i]))
        );
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "payment_not_payable"));
        Assert.Equal("5.00", await till.SettlementAsync());
        var left = await Task.WhenAll(payers.Select(payer => payer.BalanceAsync()));
        Assert.Single(left, balance => balance is "0.00");
        Assert.Equal("created completed", await bill.EventsAsync());
        Assert.Equal(
            1,
            await app.Database.ScalarAsync<long>("select count(*) from payments.challenges where payment_id = $1 and used_at is not null", bill.Key)
        );
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Of_fifty_calls_with_one_challenge_one_pays()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "500.00");
        var bill = await till.AskAsync("5.00");
        var challenge = (await AskAsync(bill, payer)).Text("challenge");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PayAsync(bill, payer, challenge)));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "challenge_used"));
        Assert.Equal("495.00", await payer.BalanceAsync());
        await Books.CheckAsync(app);
    }

    private static async Task<JsonElement> AskAsync(Bill bill, Purse wallet) =>
        (await wallet.Owner.PostAsync($"/v1/payments/{bill.Code}/challenges", $$"""{"wallet":"{{wallet.Id}}"}""")).Must(201);

    private static Task<Answered> PayAsync(Bill bill, Purse wallet, string challenge, string? key = null, string more = "") =>
        bill.PayAsync(wallet, $$""","challenge":"{{challenge}}"{{more}}""", key);
}
