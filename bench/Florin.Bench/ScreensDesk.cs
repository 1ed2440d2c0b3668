using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Florin.Bench;

/// <summary>What the pages of the staff show: a day's work at the desk, done once at the API before the first of their pictures.</summary>
internal sealed class ScreensDesk(ScreensShop shop)
{
    private readonly Lazy<Task<Made>> made = new(() => MakeAsync(shop));

    /// <summary>The path of one of the things that were made.</summary>
    public async Task<string> PathAsync(Func<Made, string> of) => of(await made.Value);

    private static async Task<Made> MakeAsync(ScreensShop shop)
    {
        // A sale paid by wallet, one in cash that was given back in part, and one by the gateway's page, which tells of it by a callback.
        var (sale, code) = await shop.AskAsync("240.00");
        await shop.SendAsync("alice", "POST", $"/v1/payments/{code["/pay/".Length..]}/pay", new { method = "wallet", pin = "1234" });
        await shop.PaidAsync("/pay/");
        var (_, charged) = await shop.AskAsync("31.40");
        await shop.SendAsync("alice", "POST", $"/v1/payments/{charged["/pay/".Length..]}/pay", new { method = "sandbox" });

        var bank = await shop.SendAsync(
            "corner-shop",
            "POST",
            $"/v1/shops/{shop.Id}/bank-accounts",
            new { holder = "Corner Shop", iban = "DE89370400440532013000" }
        );
        var payouts = new List<string>();
        foreach (var amount in (string[])["100.00", "35.50"])
        {
            var wish = new
            {
                shop = shop.Id,
                bank_account = Text(bank, "id"),
                amount = new { amount, currency = "USD" },
            };
            payouts.Add(Text(await shop.SendAsync("corner-shop", "POST", "/v1/payouts", wish), "id"));
        }

        await shop.SendAsync("staff", "POST", $"/v1/payouts/{payouts[0]}/approve", new { });
        var account = await AccountsAsync(shop);
        await AdjustAsync(shop, account);
        await ShopWindowAsync(shop);
        var found = await shop.SendAsync("staff", "GET", "/v1/search?q=alice", null);
        var imported = await ImportAsync(shop);
        await using var database = NpgsqlDataSource.Create(Environment.GetEnvironmentVariable("FLORIN_DATABASE_OWNER")!);
        await using (
            var odd = database.CreateCommand(
                """
                with used as (
                    insert into fx.rates (base, quote, rate, fetched_at, source) values ('USD', 'KZT', 505.25, now(), 'example.org'), ('USD', 'EUR', 0.91, now(), 'example.org')
                    on conflict (base, quote) do update set fetched_at = excluded.fetched_at returning base, quote, rate, source
                )
                insert into fx.suspect_rates (base, quote, rate, first_seen_at, fetched_at, times, source)
                select base, quote, rate * 2, now() - interval '1 hour', now(), 2, source from used
                """
            )
        )
        {
            await odd.ExecuteNonQueryAsync();
        }

        var entries = await shop.SendAsync("staff", "GET", $"/v1/ledger/accounts/{account.From}/entries", null);
        return new Made(Text(found.GetProperty("people")[0], "id"), sale, payouts[1], account.From, Text(entries.GetProperty("data")[0], "posting"), imported);
    }

    // Alice's wallet in tenge, and the house's account against which it is put right.
    private static async Task<(string From, string To)> AccountsAsync(ScreensShop shop)
    {
        var desk = await shop.SendAsync("staff", "GET", $"/v1/wallets/{shop.WalletId}/desk", null);
        var house = await shop.SendAsync("staff", "GET", "/v1/ledger/accounts?currency=KZT", null);
        return (Text(desk, "account"), Text(house.GetProperty("data")[0], "id"));
    }

    private static async Task AdjustAsync(ScreensShop shop, (string From, string To) account)
    {
        var proposed = new List<string>();
        foreach (var reason in (string[])["booked twice by the bank on Friday", "a fee that was taken by mistake", "the wrong customer's wallet"])
        {
            var wish = new
            {
                from = long.Parse(account.From, CultureInfo.InvariantCulture),
                to = long.Parse(account.To, CultureInfo.InvariantCulture),
                amount = new { amount = "1.25", currency = "KZT" },
                reason,
            };
            proposed.Add(Text(await shop.SendAsync("staff", "POST", "/v1/adjustments", wish), "id"));
        }

        await shop.SendAsync("staff2", "POST", $"/v1/adjustments/{proposed[0]}/approve", new { });
        await shop.SendAsync("staff2", "POST", $"/v1/adjustments/{proposed[1]}/reject", new { note = "it was right" });
    }

    private static async Task ShopWindowAsync(ScreensShop shop)
    {
        await shop.SendAsync(
            "admin",
            "POST",
            "/v1/voucher-discounts",
            new
            {
                code = "AUTUMN",
                percent_bps = 1250,
                valid_from = "2026-09-01T00:00:00Z",
                valid_until = "2027-01-01T00:00:00Z",
            }
        );
        await shop.SendAsync("admin", "PUT", "/v1/shop-plans/market", new { percent_bps = 150, @fixed = new[] { new { amount = "0.30", currency = "USD" } } });
        await shop.SendAsync("staff", "POST", "/v1/users/" + await PersonAsync(shop, "bob") + "/freeze", new { reason = "a stolen phone" });
    }

    private static async Task<string> PersonAsync(ScreensShop shop, string name) =>
        Text((await shop.SendAsync("staff", "GET", "/v1/search?q=" + name, null)).GetProperty("people")[0], "id");

    private static async Task<string> ImportAsync(ScreensShop shop)
    {
        const string file =
            "id,type,amount,currency,created,source\ntxn_1,charge,5.00,usd,2026-10-01 10:00,pi_1\ntxn_2,refund,-2.50,usd,2026-10-02 10:00,re_1\n";
        using var content = new StringContent(file, Encoding.UTF8, "text/csv");
        return Text(await shop.SendAsync("staff", "POST", "/v1/reconciliation/settlements?gateway=stripe&name=october.csv", content), "id");
    }

    private static string Text(JsonElement found, string name) =>
        found.GetProperty(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : found.GetProperty(name).GetRawText();

    /// <summary>Ids of what was made.</summary>
    internal sealed record Made(string Person, string Payment, string Payout, string Account, string Posting, string Import);
}
