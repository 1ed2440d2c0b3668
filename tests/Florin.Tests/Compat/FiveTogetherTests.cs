using System.Globalization;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Florin.Files;
using Florin.Gateways.Sandbox;
using Florin.Platform;
using Florin.Tests.Biometrics;
using Florin.Tests.Identity;
using Florin.Tests.Payments;
using Florin.Tests.Vouchers;
using Florin.Tests.Wallets;

namespace Florin.Tests.Compat;

/// <summary>
/// The five systems used together by one person and one merchant, on one server, with one purse: what is done by one is seen by the others, and each answers
/// in its own shape where their routes collide (SEEDS.md 7, C1 to C14).
/// </summary>
[Collection(CompatServer.Name)]
public sealed class FiveTogetherTests(FaceRig rig)
{
    private const string Given = "new_password";
    private const string Password = OldClient.Password;
    private readonly FlorinApp app = rig.App;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_person_and_one_merchant_use_all_five()
    {
        var merchant = await OldClient.ShopAsync(app);
        var till = await merchant.WithCookieAsync();
        var (person, phone, face) = await PersonAsync(merchant);
        var signIns = await SignInsAsync(person, phone);
        var (byName, byEmail, byPhone, browser) = signIns;
        await SamePersonAsync(signIns);

        // One wallet, put in by seed 1 and by seed 5, and shown by both (C14).
        await byName.AddAsync("100.00");
        var wallets = (await byPhone.GetAsync("/users/wallets/")).Must(200);
        var wallet = Assert.Single(wallets.EnumerateArray());
        Assert.Equal("100.00 USD", $"{wallet.At("amount")} {wallet.At("amount_currency")}");
        var path = string.Create(CultureInfo.InvariantCulture, $"/users/wallets/{wallet.At("id").GetInt64()}/");
        var deposit = await byPhone.PostAsync(path + "deposit/", new { amount = "20.00" });
        Assert.Equal((201, """{"amount":"20.00"}"""), (deposit.Status, deposit.Text));
        var shown = await byName.GetAsync("/api/wallet/");
        Assert.Equal("id owner_username balance updated_at", shown.Members);
        await HoldsAsync("120.00");

        await BuyAsync(byEmail); // 10.00 for a voucher, seed 2
        await HoldsAsync("110.00");
        await PayAtTillAsync(till, browser); // 20.50 by QR code, seed 4
        await HoldsAsync("89.50");
        await PayByFaceAsync(merchant, byName, face); // 9.50 by face, and a bill in cash, seed 1
        await HoldsAsync("80.00");
        await UploadAsync(browser, byName); // paid at a gateway and not from the wallet, seed 3
        (await byPhone.PostAsync(path + "withdraw/", new { amount = "5.00" })).Must(201);
        await HoldsAsync("75.00");
        Assert.Equal("30.00", await merchant.ShopHoldsAsync());

        await TransactionsAsync(merchant, till, browser, byName, byEmail, byPhone, path);
        await RefusalsAsync(byName, byEmail, byPhone, browser);
        await SignOutsAsync(byName, byEmail, browser);
        await VoucherStand.CheckBooksAsync(app);

        async Task HoldsAsync(string balance)
        {
            Assert.Equal(balance, await byName.BalanceAsync());
            Assert.Equal(balance, (await byPhone.GetAsync(path)).Must(200).At("amount").GetString());
            Assert.Equal(balance, (await browser.GetAsync("/api/user/transactions")).Must(200).At("balance").GetRawText());
        }
    }

    // Made by the shop with a face (seed 1); makes the account their own by a password (seed 5), and adds a number of theirs.
    private async Task<(OldClient Person, string Phone, string Face)> PersonAsync(OldClient merchant)
    {
        var (name, phone, face) = ("p" + Guid.NewGuid().ToString("N")[..12], Calls.FreshPhone(), FaceRig.Stranger());
        (string, string)[] fields = [("username", name), ("email", name + "@example.org"), ("password", Given), ("biometric_type", "FACE")];
        (await merchant.SendAsync("POST", "/api/shop/customers/", Forms.Of("face_template", [rig.Shot(face)], fields))).Must(201);
        var person = await OldClient.OfAsync(app, name, Given);
        await person.KnowAsync();
        var change = (await person.PostAsync("/users/password/update/", new { password = Given, new_password = Password })).Must(201);
        var code = new { session_id = change.At("session_id").GetString(), code = change.At("sandbox_code").GetString() };
        (await person.SendAsync("PATCH", "/users/password/verify/", JsonContent.Create(code))).Must(200);
        var started = (await person.PostAsync("/v1/me/contact", new { phone })).Must(200);
        var proof = new { id = started.At("id").GetString(), code = started.At("sandbox_code").GetString() };
        (await person.PostAsync("/v1/me/contact/verify", proof)).Must(200);
        // What the shop said of their face counts until the account is theirs; from then on they say it themselves.
        var consent = Forms.Of("photo", [rig.Shot(face)], ("consent", "2026-11"));
        (await person.SendAsync("POST", "/v1/me/face/consents", consent)).Must(200);
        return (person, phone, face);
    }

    // C1: one route, by username and by e-mail address. C3: another, by username for tokens and by login for a cookie. Seed 5 by phone number.
    private async Task<(OldClient ByName, OldClient ByEmail, OldClient ByPhone, OldClient Browser)> SignInsAsync(OldClient person, string phone)
    {
        var name = (await person.PostAsync("/api/auth/login/", new { username = person.Username, password = Password })).Must(200);
        var email = (await person.PostAsync("/api/auth/login/", new { email = person.Username + "@example.org", password = Password })).Must(200);
        Assert.Equal("user refresh access message", string.Join(' ', email.EnumerateObject().Select(one => one.Name)));
        var files = await person.PostAsync("/api/login/", new { username = person.Username, password = Password });
        Assert.Equal((200, "refresh access"), (files.Status, files.Members));
        var number = await person.PostAsync("/users/token/create/", new { phone_number = phone, password = Password });
        Assert.Equal((201, "access_token refresh_token"), (number.Status, number.Members));
        var browser = await person.WithCookieAsync(Password);
        return (With(name.At("access")), With(email.At("access")), With(number.Json.At("access_token")), browser);

        OldClient With(JsonElement token)
        {
            var client = OldClient.Anonymous(app, person.Username);
            client.Token = token.GetString();
            return client;
        }
    }

    // Whichever way they signed in, they are the same person, whom each system shows in its own shape (C6, C7).
    private static async Task SamePersonAsync((OldClient ByName, OldClient ByEmail, OldClient ByPhone, OldClient Browser) signIns)
    {
        var profile = (await signIns.ByEmail.GetAsync("/api/users/profile/")).Must(200);
        var listed = Assert.Single((await signIns.ByName.GetAsync("/api/user/")).Must(200).EnumerateArray());
        Assert.Equal("id username email mobile_number", string.Join(' ', listed.EnumerateObject().Select(one => one.Name)));
        Assert.Equal(profile.At("id").GetInt64(), listed.At("id").GetInt64());
        var me = (await signIns.ByPhone.GetAsync("/users/")).Must(200);
        Assert.Equal("email phone_number wallets profile_image first_name last_name", string.Join(' ', me.EnumerateObject().Select(one => one.Name)));
        Assert.Equal(profile.At("email").GetString(), me.At("email").GetString());
        Assert.Equal("transactions balance", (await signIns.Browser.GetAsync("/api/user/transactions")).Members); // and no user of that id
    }

    private async Task BuyAsync(OldClient buyer)
    {
        var stand = await VoucherStand.OpenAsync(app, "10.00", app.Get<Settings>().DefaultCurrency.Code);
        var types = (await buyer.GetAsync("/api/vouchers/types/")).Must(200).At("results").EnumerateArray();
        var type = types.Single(one => string.Equals(one.At("type_code").GetString(), stand.Code, StringComparison.Ordinal)).At("id").GetInt64();
        var bought = await buyer.PostAsync("/api/vouchers/purchase/", new { voucher_type_id = type });
        Assert.Equal((201, "message vouchers total_paid discount_applied currency"), (bought.Status, bought.Members));
        var code = bought.Json.At("vouchers.0.code").GetString();
        var redeemed = await buyer.PostAsync("/api/vouchers/redeem/", new { code, service_type = stand.Code });
        Assert.Equal((200, "message voucher usage"), (redeemed.Status, redeemed.Members));
    }

    private static async Task PayAtTillAsync(OldClient till, OldClient payer)
    {
        using var socket = await till.SocketAsync("/api/merchant/ws?token=" + till.Cookie!["acess_token=".Length..]);
        var sale = await till.PostAsync("/api/start_payment", new { amount = 20.5 });
        Assert.Equal((200, "code message watch_code"), (sale.Status, sale.Members));
        var code = sale.Json.At("code").GetString();
        var offer = (await payer.GetAsync("/api/pay/" + code)).Must(200);
        var paid = await payer.PostAsync("/api/pay/" + code, new { transaction_secret = offer.At("transaction_secret").GetString() });
        Assert.StartsWith("text/html", paid.Header("Content-Type"), StringComparison.Ordinal); // C5: seed 1's POST /api/pay/ answers JSON
        var buffer = new byte[4096];
        var said = await socket.ReceiveAsync(buffer, Cancel);
        Assert.Equal(WebSocketMessageType.Text, said.MessageType);
        Assert.Equal(code, JsonSerializer.Deserialize<JsonElement>(Encoding.UTF8.GetString(buffer, 0, said.Count)).At("code").GetString());
    }

    private async Task PayByFaceAsync(OldClient shop, OldClient customer, string face)
    {
        var number = (await shop.GetAsync("/api/shop/customers/")).Must(200).At("0.id").GetInt64();
        Assert.Equal((await customer.GetAsync("/api/user/")).Must(200).At("0.id").GetInt64(), number); // a person has one number everywhere
        var bills = new List<string>();
        foreach (var amount in new[] { "9.50", "3.00" })
        {
            var made = await shop.PostAsync("/api/shop/bills/", new { customer = number, amount });
            Assert.Equal((201, "id customer amount status"), (made.Status, made.Members));
            bills.Add(made.Json.At("id").GetRawText());
        }

        var paid = await shop.SendAsync("POST", "/api/pay/", Forms.Of("live_image", [rig.Shot(face)], ("bill_id", bills[0])));
        Assert.Equal((200, "success"), (paid.Status, paid.Members));
        (await shop.SendAsync("PUT", $"/api/shop/bills/{bills[1]}/pay-cash/")).Must(200);
    }

    private async Task UploadAsync(OldClient browser, OldClient person)
    {
        var asked = await person.PostAsync("/api/initiate-payment/");
        Assert.Equal((200, "result payment_url"), (asked.Status, asked.Members));
        var page = new Uri(asked.Json.At("payment_url").GetString()!).AbsolutePath;
        Assert.Equal(303, (await browser.FormAsync(page, ("outcome", "succeed"))).Status); // the button of the sandbox's page
        await app.Get<SandboxDelivery>().DeliverDueAsync(Cancel);
        var form = new MultipartFormDataContent { { new ByteArrayContent("some words to count"u8.ToArray()), "file", "sample.txt" } };
        var uploaded = await person.SendAsync("POST", "/api/upload/", form);
        Assert.Equal((201, "file_id user file filename upload_time status word_count"), (uploaded.Status, uploaded.Members));
        await app.Get<FileProcessing>().RunAsync(Cancel);
        Assert.Equal("4", (await person.GetAsync("/api/file/")).Must(200).At("0.word_count").GetRawText());
        Assert.Equal(3, (await person.GetAsync("/api/activity/")).Must(200).GetArrayLength());
    }

    // C4 and the five things called a transaction: one address answers each of those who ask in the shape of the system that they come from.
    private async Task TransactionsAsync(
        OldClient merchant,
        OldClient till,
        OldClient browser,
        OldClient byName,
        OldClient byEmail,
        OldClient byPhone,
        string wallet
    )
    {
        var sales = (await till.GetAsync("/api/transactions")).Must(200).At("transactions");
        Assert.Equal(sales.GetRawText(), (await merchant.GetAsync("/api/transactions/")).Must(200).At("transactions").GetRawText());
        Assert.Contains(sales.EnumerateArray(), sale => sale.At("amount").GetRawText() is "20.50" && sale.At("state").GetString() is "completed");
        Assert.Equal("""{"transactions":[]}""", (await browser.GetAsync("/api/transactions")).Text);
        (await byName.GetAsync("/api/transactions/")).Must(403);
        var staff = await OldClient.SignedInAsync(app, Roles.Support);
        Assert.Equal(JsonValueKind.Array, (await staff.GetAsync("/api/transactions/")).Must(200).ValueKind);

        var moves = (await byName.GetAsync("/api/wallet/transactions/")).Must(200);
        Assert.Equal("id amount timestamp bill source_wallet destination_wallet", string.Join(' ', moves.At("0").EnumerateObject().Select(one => one.Name)));
        var operations = (await byPhone.GetAsync(wallet + "transactions/")).Must(200);
        Assert.StartsWith(
            "id amount amount_currency sender receiver operation_type created_at",
            string.Join(' ', operations.At("0").EnumerateObject().Select(one => one.Name)),
            StringComparison.Ordinal
        );
        Assert.Equal(moves.GetArrayLength(), operations.GetArrayLength());
        Assert.Equal("1", (await byEmail.GetAsync("/api/payments/history/")).Must(200).At("count").GetRawText());
        var purchases = (await browser.GetAsync("/api/user/transactions")).Must(200).At("transactions").EnumerateArray();
        Assert.Contains(purchases, one => one.At("amount").GetRawText() is "20.50" && one.At("merchant").GetString() is "Corner Shop");
    }

    // Each says no as it did: field maps, error, detail, and lists of them.
    private static async Task RefusalsAsync(OldClient byName, OldClient byEmail, OldClient byPhone, OldClient browser)
    {
        Assert.Equal("""{"amount":["This field is required."]}""", (await byName.PostAsync("/api/wallet/add/", new { })).Text);
        var code = await byEmail.GetAsync("/api/vouchers/detail/NOSUCHCODE12/");
        Assert.Equal((404, "error"), (code.Status, code.Members));
        var user = await byName.GetAsync("/api/user/99999999/");
        Assert.Equal((404, """{"detail":"Not found."}"""), (user.Status, user.Text));
        var sale = await browser.PostAsync("/api/start_payment", new { amount = 1 });
        Assert.Equal((403, "detail"), (sale.Status, sale.Members));
        var second = await byPhone.PostAsync("/users/wallets/create/", new { amount_currency = "USD" });
        Assert.Equal((400, "non_field_errors"), (second.Status, second.Members));
        (await browser.GetAsync("/api/wallet/")).Must(401); // the cookie is seed 4's, and no other system's
        Assert.Equal("""{"status":"healthy","django":"running"}""", (await browser.GetAsync("/api/health")).Text);
    }

    // A session ends where it is signed out, and the others go on.
    private static async Task SignOutsAsync(OldClient byName, OldClient byEmail, OldClient browser)
    {
        Assert.Equal("null", (await browser.PostAsync("/api/logout")).Text);
        (await browser.GetAsync("/api/user/transactions")).Must(401);
        (await byEmail.GetAsync("/api/auth/profile/")).Must(200);
        (await byEmail.PostAsync("/api/auth/logout/", new { })).Must(200);
        (await byEmail.GetAsync("/api/auth/profile/")).Must(401);
        (await byName.GetAsync("/api/wallet/")).Must(200);
    }
}
