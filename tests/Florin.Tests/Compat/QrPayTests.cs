using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Florin.Tests.Biometrics;
using Florin.Tests.Payments;

namespace Florin.Tests.Compat;

/// <summary>Seed 4, line by line of its README, and its holes (SEEDS.md 8.4).</summary>
[Collection(CompatServer.Name)]
public sealed class QrPayTests(FaceRig rig)
{
    private readonly FlorinApp app = rig.App;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<(OldClient Merchant, string Code, string Watch)> SaleAsync(decimal amount)
    {
        var merchant = await (await OldClient.ShopAsync(app)).WithCookieAsync();
        var started = (await merchant.PostAsync("/api/start_payment", new { amount })).Must(200);
        return (merchant, started.GetProperty("code").GetString()!, started.GetProperty("watch_code").GetString()!);
    }

    private async Task<OldClient> PayerAsync(string balance)
    {
        var payer = await OldClient.SignedInAsync(app);
        await payer.AddAsync(balance);
        return await payer.WithCookieAsync();
    }

    private static async Task<string> SecretAsync(OldClient payer, string code) =>
        (await payer.GetAsync("/api/pay/" + code)).Must(200).GetProperty("transaction_secret").GetString()!;

    private static async Task<Said> PayAsync(OldClient payer, string code) =>
        await payer.PostAsync("/api/pay/" + code, new { transaction_secret = await SecretAsync(payer, code) });

    private async Task<string> BalanceAsync(OldClient who) =>
        await app.Database.ScalarAsync<string>(
            """
            select (a.balance / 100.0)::numeric(12, 2)::text from wallets.wallets w join ledger.accounts a on a.id = w.account_id where w.person_id = $1
            """,
            who.Id
        ) ?? "none";

    [Fact]
    public async Task POST_api_start_payment_initiates_a_new_transaction_merchant_only()
    {
        var merchant = await (await OldClient.ShopAsync(app)).WithCookieAsync();
        var started = await merchant.PostAsync("/api/start_payment", new { amount = 60.5 });
        started.Must(200);
        Assert.Equal("code message watch_code", started.Members);
        (await merchant.PostAsync("/api/start_payment", new { amount = "7" })).Must(200);
        foreach (var wrong in new object[] { new { amount = 0 }, new { amount = -5 }, new { amount = 0.001 }, new { amount = "x" }, new { } })
        {
            var refused = await merchant.PostAsync("/api/start_payment", wrong);
            refused.Must(400);
            Assert.Equal("detail", refused.Members);
        }

        var payer = await (await OldClient.NewAsync(app)).WithCookieAsync();
        (await payer.PostAsync("/api/start_payment", new { amount = 1 })).Must(403);
        var program = OldClient.Anonymous(app);
        (await program.PostAsync("/api/start_payment", new { amount = 1 })).Must(401);
        (await program.PostAsync("/api/start_payment", new { amount = 3, merchant_secret = TokenOf(merchant) })).Must(200);
        (await program.PostAsync("/api/start_payment", new { amount = 3, merchant_secret = TokenOf(payer) })).Must(403);
        foreach (var wrong in new object?[] { "nonsense", "Bearer\n" + TokenOf(merchant), "", null, 7, new { } })
        {
            (await program.PostAsync("/api/start_payment", new { amount = 3, merchant_secret = wrong })).Must(401);
        }

        static string TokenOf(OldClient who) => who.Cookie!.Split('=', 2)[1];
    }

    [Fact]
    public async Task GET_generate_qr_login_generates_and_returns_a_QR_image_for_payment()
    {
        var (merchant, code, _) = await SaleAsync(1);
        var anybody = OldClient.Anonymous(app);
        foreach (var value in new[] { code, merchant.Username })
        {
            var image = await anybody.GetAsync("/generate_qr/" + value);
            Assert.Equal(200, image.Status);
            Assert.Equal("image/png", image.Header("Content-Type"));
            Assert.Contains("qr.png", image.Header("Content-Disposition"), StringComparison.Ordinal);
            Assert.Equal("PNG", (await image.Http.Content.ReadAsByteArrayAsync(Cancel))[1..4].Aggregate("", (text, b) => text + (char)b));
        }

        (await anybody.GetAsync("/generate_qr/nobody-at-all")).Must(404);
    }

    [Fact]
    public async Task GET_pay_code_displays_payment_page_for_a_transaction()
    {
        var (_, code, _) = await SaleAsync(12.34m);
        var page = await OldClient.Anonymous(app).GetAsync("/pay/" + code);
        Assert.Equal(200, page.Status);
        Assert.Contains("12.34", page.Text, StringComparison.Ordinal);
        Assert.Contains("Corner Shop", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("transaction_secret", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task POST_api_pay_code_completes_a_payment_by_a_user()
    {
        var (merchant, code, watch) = await SaleAsync(60);
        var payer = await PayerAsync("100.00");
        var offer = (await payer.GetAsync("/api/pay/" + code)).Must(200);
        Assert.Equal("60.00", offer.GetProperty("amount").GetRawText());
        Assert.Equal("Corner Shop", offer.GetProperty("merchant").GetString());
        var paid = await payer.PostAsync("/api/pay/" + code, new { transaction_secret = offer.GetProperty("transaction_secret").GetString() });
        Assert.Equal(200, paid.Status);
        Assert.StartsWith("text/html", paid.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Contains("60.00", paid.Text, StringComparison.Ordinal);
        Assert.Equal("40.00", await BalanceAsync(payer));
        Assert.Equal("completed", (await payer.GetAsync("/watch/" + watch)).Must(200).GetProperty("status").GetString());
        (await payer.PostAsync("/api/pay/" + code, new { transaction_secret = "again" })).Must(400);
        (await payer.PostAsync("/api/pay/" + code)).Must(400);
        var dear = (await merchant.PostAsync("/api/start_payment", new { amount = 40.01 })).Must(200).GetProperty("code").GetString()!;
        (await PayAsync(payer, dear)).Must(400); // more than the wallet holds
        (await payer.PostAsync("/api/pay/AAAAAAAAAAAAAAAAAAAAAA", new { transaction_secret = "x" })).Must(404);
        var sales = (await merchant.GetAsync("/api/transactions")).Must(200).GetProperty("transactions");
        Assert.Equal("completed", sales[0].GetProperty("state").GetString());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task GET_login_returns_login_page() =>
        Assert.Contains("<form", (await OldClient.Anonymous(app).GetAsync("/login")).Text, StringComparison.Ordinal);

    [Fact]
    public async Task POST_api_login_authenticates_user_and_sets_auth_cookie()
    {
        var person = await OldClient.NewAsync(app);
        var answer = await person.PostAsync("/api/login", new { login = person.Username, password = OldClient.Password });
        Assert.Equal("access refresh", string.Join(' ', answer.Must(200).EnumerateObject().Select(one => one.Name).Order(StringComparer.Ordinal)));
        Assert.Contains("acess_token=", answer.Header("Set-Cookie"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GET_portal_merchant_dashboard()
    {
        var merchant = await (await OldClient.ShopAsync(app)).WithCookieAsync();
        Assert.Equal("/portal/sale", (await merchant.GetAsync("/portal")).Header("Location")); // the till of their one shop
        Assert.Equal(200, (await merchant.GetAsync("/portal/sale")).Status);
        var stranger = await OldClient.Anonymous(app).GetAsync("/portal");
        Assert.Equal((302, "/login?redirect=%2Fportal"), (stranger.Status, stranger.Header("Location")));
    }

    [Fact]
    public async Task GET_api_transactions_fetch_all_transactions_for_logged_in_merchant()
    {
        var (merchant, _, _) = await SaleAsync(1);
        (await merchant.PostAsync("/api/start_payment", new { amount = 2.5 })).Must(200);
        var sales = (await merchant.GetAsync("/api/transactions")).Must(200).GetProperty("transactions").EnumerateArray().ToList();
        Assert.Equal(["1.00", "2.50"], sales.Select(sale => sale.GetProperty("amount").GetRawText()));
        Assert.Equal(["id", "amount", "date", "state"], sales[0].EnumerateObject().Select(one => one.Name));
        Assert.True(sales[0].GetProperty("id").GetInt64() < sales[1].GetProperty("id").GetInt64());
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", sales[0].GetProperty("date").GetString());
        Assert.Equal("created", sales[0].GetProperty("state").GetString());
        (await OldClient.Anonymous(app).GetAsync("/api/transactions")).Must(401);
        var nobody = await (await OldClient.NewAsync(app)).WithCookieAsync();
        Assert.Equal("""{"transactions":[]}""", (await nobody.GetAsync("/api/transactions/")).Text);
    }

    [Fact]
    public async Task GET_watch_watch_code_polling_transaction_status()
    {
        var (_, code, watch) = await SaleAsync(1);
        var anybody = OldClient.Anonymous(app);
        var seen = await anybody.GetAsync("/watch/" + watch);
        seen.Must(200);
        Assert.Equal("status amount merchant created_at completed_at", seen.Members);
        Assert.Equal("created", seen.Json.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, seen.Json.GetProperty("completed_at").ValueKind);
        (await anybody.GetAsync("/watch/" + code)).Must(404); // the payer's code is another
    }

    [Theory]
    [InlineData("query")]
    [InlineData("header")]
    [InlineData("cookie")]
    public async Task WEBSOCKET_api_merchant_ws_real_time_merchant_notification_channel(string way)
    {
        var (merchant, code, _) = await SaleAsync(60);
        var token = merchant.Cookie!["acess_token=".Length..];
        using var socket = way switch
        {
            "query" => await merchant.SocketAsync("/api/merchant/ws?token=" + token),
            "header" => await merchant.SocketAsync("/api/merchant/ws", ("Authorization", "Bearer " + token)),
            _ => await merchant.SocketAsync("/api/merchant/ws", ("Cookie", merchant.Cookie)),
        };
        using var second = await merchant.SocketAsync("/api/merchant/ws?token=" + token); // a second till of the same merchant
        var payer = await PayerAsync("100.00");
        Assert.Equal(200, (await PayAsync(payer, code)).Status);
        foreach (var till in new[] { socket, second })
        {
            var said = await ReadAsync(till);
            Assert.Equal("payment_completed", said.GetProperty("type").GetString());
            Assert.Equal(code, said.GetProperty("code").GetString());
            Assert.Equal("60.00", said.GetProperty("amount").GetRawText());
            Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", said.GetProperty("completed_at").GetString()); // the original said null
        }
    }

    [Fact]
    public async Task A_socket_without_a_token_is_closed_with_1008()
    {
        using var socket = await OldClient.Anonymous(app).SocketAsync("/api/merchant/ws?token=nothing");
        var end = await socket.ReceiveAsync(new byte[100], Cancel);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.PolicyViolation), (end.MessageType, socket.CloseStatus));
    }

    [Fact]
    public async Task The_later_version_lists_purchases_revokes_and_logs_out()
    {
        var (merchant, code, watch) = await SaleAsync(5);
        var payer = await PayerAsync("20.00");
        Assert.Equal(200, (await PayAsync(payer, code)).Status);
        var bought = (await payer.GetAsync("/api/user/transactions")).Must(200);
        Assert.Equal("15.00", bought.GetProperty("balance").GetRawText());
        Assert.Equal("Corner Shop", bought.GetProperty("transactions")[0].GetProperty("merchant").GetString());
        (await merchant.PostAsync("/api/transaction/revoke", new { code })).Must(400); // it is paid
        var other = (await merchant.PostAsync("/api/start_payment", new { amount = 1 })).Must(200);
        var open = new { code = other.GetProperty("code").GetString() };
        (await payer.PostAsync("/api/transaction/revoke", open)).Must(404); // not theirs
        (await merchant.PostAsync("/api/transaction/revoke", open)).Must(200);
        (await payer.GetAsync("/api/pay/" + open.code)).Must(400);
        Assert.Equal("null", (await merchant.PostAsync("/api/logout")).Text);
        (await merchant.GetAsync("/api/transactions")).Must(401);
        Assert.Equal("completed", (await merchant.GetAsync("/watch/" + watch)).Must(200).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Hole_1_nobody_pays_with_someone_elses_money()
    {
        var (_, code, _) = await SaleAsync(5);
        var payer = await PayerAsync("20.00");
        var secret = await SecretAsync(payer, code);
        (await OldClient.Anonymous(app).PostAsync("/api/pay/" + code, new { transaction_secret = secret })).Must(401);
        (await OldClient.Anonymous(app).GetAsync("/api/pay/" + code)).Must(401);
        var thief = await PayerAsync("20.00");
        (await thief.PostAsync("/api/pay/" + code, new { transaction_secret = secret })).Must(400); // another's secret
        Assert.Equal(("20.00", "20.00"), (await BalanceAsync(payer), await BalanceAsync(thief)));
    }

    [Fact]
    public async Task Hole_2_the_old_routes_show_no_session_token()
    {
        var merchant = await (await OldClient.ShopAsync(app)).WithCookieAsync();
        var keys = await merchant.GetAsync("/dev/api");
        Assert.Equal((302, "/portal/developers", ""), (keys.Status, keys.Header("Location"), keys.Text));
        var token = merchant.Cookie!["acess_token=".Length..];
        foreach (var page in new[] { "/portal/sale", "/portal/developers", "/api/transactions" })
        {
            var shown = await merchant.GetAsync(page);
            Assert.Equal(200, shown.Status);
            Assert.DoesNotContain(token, shown.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Hole_8_a_link_signs_nobody_out()
    {
        var merchant = await (await OldClient.ShopAsync(app)).WithCookieAsync();
        var asked = await merchant.GetAsync("/logout?redirect=https://evil.example/");
        Assert.Equal(200, asked.Status);
        Assert.Contains("action=\"/logout\"", asked.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"https://evil.example", asked.Text, StringComparison.Ordinal);
        (await merchant.GetAsync("/api/transactions")).Must(200);
        Assert.Equal("/login", (await OldClient.Anonymous(app).GetAsync("/logout")).Header("Location"));
    }

    [Fact]
    public async Task Hole_3_of_fifty_payments_at_once_one_pays()
    {
        var (merchant, code, _) = await SaleAsync(60);
        var payer = await PayerAsync("100.00");
        var secrets = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SecretAsync(payer, code)));
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => payer.PostAsync("/api/pay/" + code, new { transaction_secret = secrets[i % secrets.Length] }))
        );
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.Must(400));
        Assert.Equal("40.00", await BalanceAsync(payer));
        Assert.Single((await merchant.GetAsync("/api/transactions")).Must(200).GetProperty("transactions").EnumerateArray());
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Hole_4_every_till_is_told_once_the_money_is_there()
    {
        var (merchant, code, watch) = await SaleAsync(60);
        var token = merchant.Cookie!["acess_token=".Length..];
        using var first = await merchant.SocketAsync("/api/merchant/ws?token=" + token);
        using var second = await merchant.SocketAsync("/api/merchant/ws?token=" + token);
        var payer = await PayerAsync("100.00");
        var paying = PayAsync(payer, code);
        foreach (var till in new[] { first, second })
        {
            Assert.Equal(JsonValueKind.String, (await ReadAsync(till)).GetProperty("completed_at").ValueKind);
            Assert.Equal("40.00", await BalanceAsync(payer));
            Assert.Equal("completed", (await merchant.GetAsync("/watch/" + watch)).Must(200).GetProperty("status").GetString());
        }

        Assert.Equal(200, (await paying).Status);
    }

    [Fact]
    public async Task Hole_6_an_amount_is_exact_and_never_a_fraction_of_a_cent()
    {
        var (merchant, code, _) = await SaleAsync(0.1m);
        var payer = await PayerAsync("0.30");
        Assert.Equal(200, (await PayAsync(payer, code)).Status);
        Assert.Equal("0.20", await BalanceAsync(payer));
        (await merchant.PostAsync("/api/start_payment", new { amount = 1e-9 })).Must(400);
        (await merchant.PostAsync("/api/start_payment", new { amount = 1e30 })).Must(400);
    }

    [Fact]
    public async Task Hole_7_the_PIN_is_asked_above_the_wallets_limit()
    {
        var (_, code, _) = await SaleAsync(30);
        var payer = await OldClient.SignedInAsync(app);
        await payer.AddAsync("100.00");
        (await payer.SendAsync("PUT", "/v1/me/pin", System.Net.Http.Json.JsonContent.Create(new { pin = "4071", password = OldClient.Password }))).Must(204);
        var wallet = (await payer.GetAsync("/v1/wallets")).Must(200).GetProperty("data")[0].GetProperty("id").GetString();
        var limit = new { pin_limit = new { amount = "10.00", currency = "USD" }, pin = "4071" };
        (await payer.SendAsync("PATCH", "/v1/wallets/" + wallet, System.Net.Http.Json.JsonContent.Create(limit))).Must(200);
        var offer = (await payer.GetAsync("/api/pay/" + code)).Must(200);
        Assert.True(offer.GetProperty("pin_required").GetBoolean());
        var secret = offer.GetProperty("transaction_secret").GetString();
        (await payer.PostAsync("/api/pay/" + code, new { transaction_secret = secret })).Must(400);
        (await payer.PostAsync("/api/pay/" + code, new { transaction_secret = secret, pincode = "9999" })).Must(400);
        Assert.Equal(200, (await payer.PostAsync("/api/pay/" + code, new { transaction_secret = secret, pincode = "4071" })).Status);
    }

    [Fact]
    public async Task Hole_8_no_page_leads_elsewhere()
    {
        var page = await OldClient.Anonymous(app).GetAsync("/login?redirect=https://evil.example/");
        Assert.DoesNotContain("\"https://evil.example", page.Text, StringComparison.Ordinal);
        page = await OldClient.Anonymous(app).GetAsync("/login?redirect=javascript:alert(1)");
        Assert.DoesNotContain("\"javascript:alert", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hole_9_a_revoked_payment_is_shown_to_everybody_and_has_nothing_to_pay_with()
    {
        var (merchant, code, watch) = await SaleAsync(5);
        var payer = await PayerAsync("20.00");
        var secret = await SecretAsync(payer, code);
        Assert.Contains("<form", (await payer.GetAsync("/pay/" + code)).Text.Split("<main")[1].Split("</main>")[0], StringComparison.Ordinal);
        (await merchant.PostAsync("/api/transaction/revoke", new { code })).Must(200);
        foreach (var reader in new[] { OldClient.Anonymous(app), payer })
        {
            var page = await reader.GetAsync("/pay/" + code);
            Assert.Equal(200, page.Status);
            Assert.DoesNotContain("<form", page.Text.Split("<main")[1].Split("</main>")[0], StringComparison.Ordinal);
        }

        (await payer.PostAsync("/api/pay/" + code, new { transaction_secret = secret })).Must(400);
        Assert.Equal("revoked", (await payer.GetAsync("/watch/" + watch)).Must(200).GetProperty("status").GetString());
        Assert.Equal("20.00", await BalanceAsync(payer));
    }

    private static async Task<JsonElement> ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var part = await socket.ReceiveAsync(buffer, Cancel);
        Assert.Equal(WebSocketMessageType.Text, part.MessageType);
        return JsonSerializer.Deserialize<JsonElement>(Encoding.UTF8.GetString(buffer, 0, part.Count));
    }
}
