using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

/// <summary>A shop with its owner, over HTTP, who takes people in.</summary>
internal sealed record Desk(FlorinApp App, Customer Owner, string Shop)
{
    public string Path => "/v1/shops/" + Shop;

    public static async Task<Desk> OpenAsync(FlorinApp app)
    {
        var owner = await Customer.NewAsync(app, roles: [Roles.Merchant]);
        return new Desk(app, owner, (await owner.PostAsync("/v1/shops", """{"name":"Corner Shop"}""")).Must(201).Text("id"));
    }

    /// <summary>An address that nobody has.</summary>
    public static string FreshAddress() => $"d{Guid.NewGuid():N}@example.org";

    public static Task<Answered> AcceptAsync(Customer who, string code) => who.PostAsync("/v1/shop-invitations/accept", $$"""{"code":"{{code}}"}""");

    /// <summary>Invites a cashier.</summary>
    /// <returns>The invitation, with its code.</returns>
    public async Task<JsonElement> InviteAsync(string login) => (await Owner.PostAsync(Path + "/members", $$"""{"login":"{{login}}"}""")).Must(201);

    /// <summary>Asks somebody to be a customer.</summary>
    public async Task<JsonElement> LinkAsync(string login) => (await Owner.PostAsync(Path + "/customers/links", $$"""{"login":"{{login}}"}""")).Must(201);

    /// <summary>Somebody who was invited and came to work here.</summary>
    public async Task<Customer> CashierAsync()
    {
        var cashier = await Customer.NewAsync(App);
        (await AcceptAsync(cashier, (await InviteAsync(FreshAddress())).Text("sandbox_code"))).Must(200);
        return cashier;
    }

    /// <summary>Somebody who agreed to be a customer, with a wallet.</summary>
    public async Task<Purse> CustomerAsync(string balance = "20.00")
    {
        var customer = await Customer.NewAsync(App);
        (await AcceptAsync(customer, (await LinkAsync(FreshAddress())).Text("sandbox_code"))).Must(200);
        return await customer.OpenAsync("USD", balance);
    }

    /// <summary>Asks for a bill.</summary>
    public Task<Answered> AskAsync(Customer by, Guid customer, string amount, string more = "", string? key = null) =>
        by.PostAsync(
            "/v1/bills",
            $$$"""{"shop":"{{{Shop}}}","customer":"{{{Ids.Show("usr", customer)}}}","amount":{"amount":"{{{amount}}}","currency":"USD"}{{{more}}}}""",
            key
        );

    /// <summary>Makes a bill.</summary>
    public async Task<Invoice> BillAsync(Customer customer, string amount = "5.00", string more = "") =>
        Invoice.Of(App, (await AskAsync(Owner, customer.Id, amount, more)).Must(201));

    public Task<Answered> LimitAsync(string amount) =>
        Owner.SendAsync(HttpMethod.Patch, Path, $$$"""{"refund_limits":[{"amount":"{{{amount}}}","currency":"USD"}]}""");

    /// <summary>What the shop holds.</summary>
    /// <param name="account"><c>settlement</c> or <c>drawer</c>.</param>
    public async Task<string> HoldsAsync(string account) =>
        (await Owner.GetAsync(Path)).Must(200).At("balances").EnumerateArray().Single().Text(account + ".amount");
}

/// <summary>A bill that was made.</summary>
internal sealed record Invoice(string Id, string Path, Bill Payment)
{
    public static Invoice Of(FlorinApp app, JsonElement made) =>
        new(
            made.Text("id"),
            "/v1/bills/" + made.Text("id"),
            new Bill(app, made.Text("payment"), made.Text("pay_url").Split('/')[^1], made.Text("amount.currency"))
        );

    public Task<Answered> PayAsync(Purse wallet, string? key = null) =>
        wallet.Owner.PostAsync($"/v1/payments/{Payment.Id}/pay", $$"""{"method":"wallet","wallet":"{{wallet.Id}}"}""", key);

    public Task<Answered> CashAsync(Customer by) => by.PostAsync($"/v1/payments/{Payment.Id}/pay", """{"method":"cash"}""");

    public Task<Answered> CancelAsync(Customer by) => by.PostAsync(Path + "/cancel", "{}");

    public Task<Answered> RefundAsync(Customer by, string amount) =>
        by.PostAsync($"/v1/payments/{Payment.Id}/refunds", $$$"""{"amount":{"amount":"{{{amount}}}","currency":"USD"}}""");
}
