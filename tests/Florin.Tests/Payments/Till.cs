using System.Text.Json;
using Florin.Payments;
using Florin.Platform;
using Florin.Tests.Ledger;
using Florin.Tests.Wallets;

namespace Florin.Tests.Payments;

/// <summary>A merchant with a shop, who asks for payments over HTTP.</summary>
internal sealed class Till
{
    private readonly Customer merchant;

    private Till(FlorinApp app, Customer merchant, string shop)
    {
        App = app;
        this.merchant = merchant;
        Shop = shop;
    }

    public FlorinApp App { get; }

    /// <summary>With a token that is valid at whatever time the test has wound the clock to.</summary>
    public Customer Merchant => merchant.Again();

    /// <summary><c>shp_…</c></summary>
    public string Shop { get; }

    public static async Task<Till> OpenAsync(FlorinApp app)
    {
        var owner = await Customer.NewAsync(app, roles: [Roles.Merchant]);
        var shop = (await owner.PostAsync("/v1/shops", """{"name":"Corner Shop"}""")).Must(201);
        return new Till(app, owner, shop.Text("id"));
    }

    /// <summary>Asks for a sale.</summary>
    /// <param name="amount">A decimal.</param>
    /// <param name="currency">Its currency.</param>
    /// <param name="more">Further members, such as <c>,"expires_in":60</c>.</param>
    public async Task<Bill> AskAsync(string amount, string currency = "USD", string more = "")
    {
        var made = (
            await Merchant.PostAsync(
                "/v1/payments",
                $$$"""{"purpose":"sale","amount":{"amount":"{{{amount}}}","currency":"{{{currency}}}"},"subject":{"shop":"{{{Shop}}}"}{{{more}}}}"""
            )
        ).Must(201);
        return Bill.Of(App, made);
    }

    /// <summary>What the shop's settlement account holds.</summary>
    public async Task<string> SettlementAsync(string currency = "USD") => await BalanceAsync("settlement", currency);

    /// <summary>What lies in the shop's drawer.</summary>
    public async Task<string> DrawerAsync(string currency = "USD") => await BalanceAsync("drawer", currency);

    public Task<Answered> CashAsync(Bill bill, string more = "") => bill.PayAsync(Merchant, $$"""{"method":"cash"{{more}}}""");

    public Task<Answered> RefundAsync(Bill bill, string? amount = null, string? key = null) =>
        Merchant.PostAsync(
            $"/v1/payments/{bill.Id}/refunds",
            amount is null
                ? """{"reason":"customer_request"}"""
                : $$$"""{"amount":{"amount":"{{{amount}}}","currency":"{{{bill.Currency}}}"},"reason":"customer_request"}""",
            key
        );

    private async Task<string> BalanceAsync(string account, string currency)
    {
        var shop = (await Merchant.GetAsync("/v1/shops/" + Shop)).Must(200);
        foreach (var balance in shop.At("balances").EnumerateArray())
        {
            if (string.Equals(balance.Text($"{account}.currency"), currency, StringComparison.Ordinal))
            {
                return balance.Text($"{account}.amount");
            }
        }

        return "none";
    }
}

/// <summary>A payment that waits for its payer.</summary>
internal sealed record Bill(FlorinApp App, string Id, string Code, string Currency)
{
    public Guid Key => Ids.Read("pay", Id);

    public static Bill Of(FlorinApp app, JsonElement made) => new(app, made.Text("id"), made.Text("code"), made.Text("amount.currency"));

    /// <summary>Asks for a top-up of the wallet.</summary>
    public static async Task<Bill> TopUpAsync(FlorinApp app, Purse wallet, string amount, string more = "") =>
        Of(
            app,
            (
                await wallet.Owner.PostAsync(
                    "/v1/payments",
                    $$$"""{"purpose":"top_up","amount":{{{wallet.Money(amount)}}},"subject":{"wallet":"{{{wallet.Id}}}"}{{{more}}}}"""
                )
            ).Must(201)
        );

    public Task<Answered> PayAsync(Customer payer, string body, string? key = null) => payer.PostAsync($"/v1/payments/{Code}/pay", body, key);

    public Task<Answered> PayAsync(Purse wallet, string more = "", string? key = null) =>
        PayAsync(wallet.Owner, $$"""{"method":"wallet","wallet":"{{wallet.Id}}"{{more}}}""", key);

    /// <summary>As the row stands.</summary>
    public async Task<string> StateAsync() => (await App.Database.ScalarAsync<string>("select state from payments.payments where id = $1", Key))!;

    public Task<long> CountAsync(string what) => App.Database.ScalarAsync<long>($"select count(*) from payments.{what} where payment_id = $1", Key);

    /// <summary>The states of its attempts, oldest first.</summary>
    public async Task<string> AttemptsAsync() =>
        (await App.Database.ScalarAsync<string>("select string_agg(state, ' ' order by id) from payments.attempts where payment_id = $1", Key)) ?? "";

    /// <summary>Topics of its events, in order.</summary>
    public async Task<string> EventsAsync() =>
        (
            await App.Database.ScalarAsync<string>(
                "select string_agg(replace(topic, 'payments.', ''), ' ' order by xid, id) from platform.outbox where aggregate = $1",
                Key
            )
        ) ?? "";
}

/// <summary>What must hold after everything.</summary>
internal static class Books
{
    /// <summary>The book is clean, and what stands in clearing and suspense is what pending refunds say.</summary>
    public static async Task CheckAsync(FlorinApp app)
    {
        await Book.CheckCleanAsync(app);
        Assert.Equal(
            0,
            await app.Database.ScalarAsync<long>(
                """
                select count(*) from (
                    select currency, sum(balance) filter (where kind = 'refund_clearing') as clearing, sum(balance) filter (where kind = 'suspense') as suspense
                    from ledger.accounts group by currency
                ) held full join (
                    select currency, sum(amount) filter (where reason <> 'late_money') as clearing, sum(amount) filter (where reason = 'late_money') as suspense
                    from payments.refunds where state = 'pending' group by currency
                ) owed using (currency)
                where coalesce(held.clearing, 0) <> coalesce(owed.clearing, 0) or coalesce(held.suspense, 0) <> coalesce(owed.suspense, 0)
                """
            )
        );
        Assert.Equal(
            0,
            await app.Database.ScalarAsync<long>(
                """
                select count(*) from payments.payments p where
                    (
                        select count(*) from payments.attempts a
                        where a.payment_id = p.id and a.state = 'succeeded' and a.ended_at = p.completed_at and a.payee = p.payee and a.paid_by is not distinct from p.paid_by
                    ) <> (p.completed_at is not null)::int
                    or p.completed_at is null and p.ended_at is null and not exists (select from payments.expiries e where e.payment_id = p.id)
                    or refund_reserved <> (select coalesce(sum(r.amount), 0) from payments.refunds r
                        where r.payment_id = p.id and r.state <> 'failed' and r.reason <> 'late_money')
                    or (p.state = 'processing') <> exists (select from payments.attempts a where a.payment_id = p.id and a.state = 'live')
                """
            )
        );
    }
}
