using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

/// <summary>A shop that has money of sales, its bank account, and people of finance.</summary>
internal sealed class PayoutStand
{
    public const string Iban = "DE89370400440532013000";

    private PayoutStand(FlorinApp app, Till till, string bank, Customer[] finance)
    {
        App = app;
        Till = till;
        Bank = bank;
        Finance = finance;
    }

    public FlorinApp App { get; }

    public Till Till { get; }

    /// <summary><c>bnk_…</c></summary>
    public string Bank { get; }

    /// <summary>Three people.</summary>
    public Customer[] Finance { get; }

    /// <param name="app">The program.</param>
    /// <param name="sales">What the shop sold in dollars.</param>
    public static async Task<PayoutStand> OpenAsync(FlorinApp app, string sales = "3000.00")
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", sales);
        (await (await till.AskAsync(sales)).PayAsync(payer)).Must(200);
        var bank = (await AddBankAsync(till)).Must(201).Text("id");
        var finance = new Customer[3];
        for (var i = 0; i < finance.Length; i++)
        {
            finance[i] = await Customer.NewAsync(app, roles: [Roles.Finance]);
        }

        return new PayoutStand(app, till, bank, finance);
    }

    public static Task<Answered> AddBankAsync(Till till, string holder = "Ada Lovelace", string iban = Iban) =>
        till.Merchant.PostAsync($"/v1/shops/{till.Shop}/bank-accounts", $$"""{"holder":"{{holder}}","iban":"{{iban}}"}""");

    public Task<Answered> TryAsync(string amount, string? bank = null, string? key = null) =>
        Till.Merchant.PostAsync(
            "/v1/payouts",
            $$$"""{"shop":"{{{Till.Shop}}}","bank_account":"{{{bank ?? Bank}}}","amount":{"amount":"{{{amount}}}","currency":"USD"}}""",
            key
        );

    /// <summary>Asks for a payout.</summary>
    /// <returns><c>pot_…</c></returns>
    public async Task<string> AskAsync(string amount) => (await TryAsync(amount)).Must(201).Text("id");

    public static Task<Answered> ApproveAsync(Customer who, string payout, string? key = null) => who.PostAsync($"/v1/payouts/{payout}/approve", "{}", key);

    public static Task<Answered> RejectAsync(Customer who, string payout) => who.PostAsync($"/v1/payouts/{payout}/reject", """{"reason":"not today"}""");

    public static Task<Answered> PaidAsync(Customer who, string payout) => who.PostAsync($"/v1/payouts/{payout}/paid", """{"reference":"B-1"}""");

    public static Task<Answered> FailedAsync(Customer who, string payout) => who.PostAsync($"/v1/payouts/{payout}/failed", """{"reason":"closed"}""");

    public Task<Answered> CancelAsync(string payout) => Till.Merchant.PostAsync($"/v1/payouts/{payout}/cancel", "{}");

    public async Task<JsonElement> ShowAsync(string payout) => (await Till.Merchant.GetAsync("/v1/payouts/" + payout)).Must(200);

    public async Task<string> StateAsync(string payout) => (await ShowAsync(payout)).Text("state");

    /// <summary>Topics of a payout's events, in order.</summary>
    public async Task<string> EventsAsync(string payout) =>
        (
            await App.Database.ScalarAsync<string>(
                "select string_agg(replace(topic, 'shops.payout_', ''), ' ' order by xid, id) from platform.outbox where aggregate = $1",
                Ids.Read("pot", payout)
            )
        ) ?? "";

    /// <summary>The book is clean, and payout clearing holds exactly what is on its way.</summary>
    public async Task CheckAsync()
    {
        await Books.CheckAsync(App);
        Assert.Equal(
            0,
            await App.Database.ScalarAsync<long>(
                """
                select count(*) from (select currency, sum(balance) as held from ledger.accounts where kind = 'payout_clearing' group by currency) clearing
                full join (
                    select currency, sum(amount) as owed from (
                        select currency, amount from shops.payouts where state in ('awaiting_approval', 'approved')
                        union all select currency, amount from wallets.withdrawals where state = 'pending'
                    ) open group by currency
                ) open using (currency) where coalesce(held, 0) <> coalesce(owed, 0)
                """
            )
        );
    }
}
