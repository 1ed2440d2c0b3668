using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Biometrics;
using Florin.Tests.Identity;
using Florin.Tests.Ledger;
using Florin.Tests.Vouchers;

namespace Florin.Tests.Compat;

/// <summary>Seed 2, line by line of its README, and its holes (SEEDS.md 8.2).</summary>
[Collection(CompatServer.Name)]
public sealed class VoucherAppTests(FaceRig rig)
{
    private const string Voucher =
        "id voucher_type code status usage_count last_used_at issued_at expires_at voucher_is_valid days_until_expiry metadata is_active purchase_date expiry_date uses_remaining total_uses";

    private readonly FlorinApp app = rig.App;

    private string Currency => app.Get<Settings>().DefaultCurrency.Code;

    [Theory]
    [InlineData("/api/auth")]
    [InlineData("/api/users")]
    public async Task Auth_register_login_refresh_profile_and_logout(string prefix)
    {
        var (client, name) = (OldClient.Anonymous(app), Calls.Fresh("va"));
        var registration = new
        {
            username = name,
            email = name + "@example.org",
            password = OldClient.Password,
            password_confirm = OldClient.Password,
            first_name = "Ama",
            phone_number = "024 000 000",
        };
        var made = await client.PostAsync(prefix + "/register/", registration);
        made.Must(201);
        Assert.Equal("user refresh access message", made.Members);
        Assert.Equal("024 000 000", made.Json.GetProperty("user").GetProperty("phone_number").GetString());
        var mismatch = registration with { password_confirm = "another" };
        Assert.True((await client.PostAsync(prefix + "/register/", mismatch)).Must(400).TryGetProperty("non_field_errors", out _));
        Assert.True(
            (await client.PostAsync(prefix + "/register/", registration with { email = "other" + name + "@example.org" }))
                .Must(400)
                .TryGetProperty("username", out _)
        );
        var weak = registration with { username = name + "2", password = "12345678", password_confirm = "12345678" };
        Assert.True((await client.PostAsync(prefix + "/register/", weak)).Must(400).TryGetProperty("password", out _));

        var login = await client.PostAsync(prefix + "/login/", new { registration.email, registration.password });
        login.Must(200);
        Assert.Equal("user refresh access message", login.Members);
        Assert.Equal("refresh access", (await client.PostAsync(prefix + "/token/", new { registration.email, registration.password })).Members);
        (await client.PostAsync(prefix + "/login/", new { registration.email, password = "wrong" })).Must(401);
        var refresh = login.Json.GetProperty("refresh").GetString();
        var next = (await client.PostAsync(prefix + "/token/refresh/", new { refresh })).Must(200);
        client.Token = next.GetProperty("access").GetString();

        Assert.Equal(name, (await client.GetAsync(prefix + "/profile/")).Must(200).GetProperty("username").GetString());
        var changes = new
        {
            first_name = "Abena",
            phone_number = "020",
            date_of_birth = "2001-02-03",
            graduation_year = 2024,
            bio = "Reads.",
            email = "stolen@example.org",
        };
        var put = (await client.SendAsync("PUT", prefix + "/profile/", System.Net.Http.Json.JsonContent.Create(changes))).Must(200);
        Assert.Equal(
            "Abena 020 2001-02-03 2024 Reads.",
            $"{put.GetProperty("first_name")} {put.GetProperty("phone_number")} {put.GetProperty("date_of_birth")} {put.GetProperty("graduation_year")} {put.GetProperty("profile").GetProperty("bio")}"
        );
        Assert.Equal(registration.email, put.GetProperty("email").GetString());
        (await client.PostAsync(prefix + "/logout/", new { })).Must(200);
        // 8.2.7: signing out ends the session; there it ended nothing.
        (await client.GetAsync(prefix + "/profile/")).Must(401);
        (await client.PostAsync(prefix + "/token/refresh/", new { refresh = next.GetProperty("refresh").GetString() })).Must(401);
    }

    [Fact]
    public async Task Auth_password_reset_by_a_code_tells_nobody_who_has_an_account()
    {
        var person = await OldClient.NewAsync(app);
        var (known, unknown) = (await ResetAsync(person.Username + "@example.org"), await ResetAsync(Calls.Fresh("no") + "@example.org"));
        Assert.Equal(known.EnumerateObject().Select(one => one.Name), unknown.EnumerateObject().Select(one => one.Name));
        var confirm = new
        {
            uid = known.GetProperty("uid").GetString(),
            token = known.GetProperty("sandbox_code").GetString(),
            password = "another pass phrase",
            password_confirm = "another pass phrase",
        };
        (await person.PostAsync("/api/auth/password-reset-confirm/", confirm with { password_confirm = "x" })).Must(400);
        (await person.PostAsync("/api/auth/password-reset-confirm/", confirm)).Must(200);
        (await person.PostAsync("/api/auth/password-reset-confirm/", confirm)).Must(400);
        (await person.PostAsync("/api/auth/login/", new { email = person.Username + "@example.org", password = "another pass phrase" })).Must(200);

        async Task<JsonElement> ResetAsync(string email) => (await person.PostAsync("/api/auth/password-reset/", new { email })).Must(200);
    }

    [Fact]
    public async Task Vouchers_types_purchase_my_vouchers_detail_redeem_stats_and_usage_history()
    {
        var (buyer, stand, type) = await ReadyAsync("50.00", ",\"uses\":2");
        var bought = await buyer.PostAsync("/api/vouchers/purchase/", new { voucher_type_id = type, quantity = 2 });
        bought.Must(201);
        Assert.Equal("message vouchers total_paid discount_applied currency", bought.Members);
        Assert.Equal("20.00", bought.Json.GetProperty("total_paid").GetRawText());
        Assert.Equal("30.00", await buyer.BalanceAsync());

        var mine = (await buyer.GetAsync("/api/vouchers/my-vouchers/")).Must(200);
        Assert.Equal(
            (2, "count next previous results"),
            (mine.GetProperty("count").GetInt32(), string.Join(' ', mine.EnumerateObject().Select(one => one.Name)))
        );
        var voucher = mine.GetProperty("results")[0];
        Assert.Equal(Voucher, string.Join(' ', voucher.EnumerateObject().Select(one => one.Name)));
        Assert.Equal(("active", 2), (voucher.GetProperty("status").GetString(), voucher.GetProperty("uses_remaining").GetInt32()));
        Assert.Equal(type, voucher.GetProperty("voucher_type").GetProperty("id").GetInt64());
        var code = voucher.GetProperty("code").GetString()!;
        var detail = (await buyer.GetAsync($"/api/vouchers/detail/{code.ToLowerInvariant()}/")).Must(200);
        Assert.Equal(voucher.GetProperty("id").GetString(), detail.GetProperty("id").GetString());
        Assert.True((await (await OldClient.SignedInAsync(app)).GetAsync($"/api/vouchers/detail/{code}/")).Must(404).TryGetProperty("error", out _));

        var redemption = new
        {
            code,
            service_type = stand.Code,
            service_data = new { index = "A1" },
        };
        var redeemed = await buyer.PostAsync("/api/vouchers/redeem/", redemption);
        redeemed.Must(200);
        Assert.Equal("message voucher usage", redeemed.Members);
        Assert.Equal(1, redeemed.Json.GetProperty("voucher").GetProperty("usage_count").GetInt32());
        (await buyer.PostAsync("/api/vouchers/redeem/", redemption)).Must(200);
        Assert.True((await buyer.PostAsync("/api/vouchers/redeem/", redemption)).Must(400).TryGetProperty("code", out _));
        var usages = (await buyer.GetAsync("/api/vouchers/usage-history/")).Must(200).GetProperty("results");
        Assert.Equal(
            (2, code, "A1"),
            (usages.GetArrayLength(), usages[0].GetProperty("voucher_code").GetString(), usages[0].GetProperty("service_data").GetProperty("index").GetString())
        );

        var stats = (await buyer.GetAsync("/api/vouchers/stats/")).Must(200);
        Assert.Equal(
            "2 1 1 0",
            $"{stats.GetProperty("total_vouchers")} {stats.GetProperty("active_vouchers")} {stats.GetProperty("used_vouchers")} {stats.GetProperty("expired_vouchers")}"
        );
        Assert.Equal(1, (await buyer.GetAsync("/api/vouchers/my-vouchers/?status=used")).Must(200).GetProperty("count").GetInt32());
        Assert.Equal(0, (await buyer.GetAsync("/api/vouchers/my-vouchers/?status=odd")).Must(200).GetProperty("count").GetInt32());
        (await buyer.GetAsync("/api/vouchers/my-vouchers/?page=9")).Must(404);
        await VoucherStand.CheckBooksAsync(app);
    }

    [Fact]
    public async Task Payments_create_intent_confirm_history_and_transaction()
    {
        var (buyer, _, type) = await ReadyAsync("0");
        var made = (await buyer.PostAsync("/api/payments/create-payment-intent/", new { voucher_type_id = type, quantity = 2 })).Must(201);
        Assert.Equal("20.00", made.GetProperty("amount").GetRawText());
        Assert.StartsWith("http", made.GetProperty("payment_url").GetString(), StringComparison.Ordinal);
        var id = made.GetProperty("payment_id").GetString();
        // Not paid: confirming makes nothing.
        Assert.True((await buyer.PostAsync("/api/payments/confirm-payment/", new { payment_intent_id = id })).Must(400).TryGetProperty("error", out _));
        var history = (await buyer.GetAsync("/api/payments/history/")).Must(200).GetProperty("results");
        Assert.Equal(
            (id, "10.00", "20.00"),
            (history[0].GetProperty("id").GetString(), history[0].GetProperty("amount").GetString(), history[0].GetProperty("total_amount").GetString())
        );
        Assert.Contains(history[0].GetProperty("status").GetString(), (string[])["pending", "processing"]);

        await buyer.AddAsync("20.00");
        var paid = (
            await buyer.PostAsync(
                "/api/payments/create-intent/",
                new
                {
                    voucher_type_id = type,
                    payment_method = "wallet",
                    quantity = 2,
                }
            )
        ).Must(201);
        var done = paid.GetProperty("payment_id").GetString();
        var confirmed = (await buyer.PostAsync("/api/payments/confirm/", new { payment_intent_id = done })).Must(200);
        Assert.Equal(2, confirmed.GetProperty("voucher_codes").GetArrayLength());
        // 8.2.4: confirming again, or many at once, makes no second vouchers.
        var again = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => buyer.PostAsync("/api/payments/confirm-payment/", new { payment_intent_id = done }))
        );
        Assert.All(again, one => Assert.Equal(200, one.Status));
        Assert.Equal(2, (await buyer.GetAsync("/api/vouchers/my-vouchers/")).Must(200).GetProperty("count").GetInt32());
        Assert.Equal("completed", (await buyer.GetAsync($"/api/payments/transaction/{done}/")).Must(200).GetProperty("status").GetString());

        var stranger = await OldClient.SignedInAsync(app);
        (await stranger.GetAsync($"/api/payments/transaction/{done}/")).Must(404);
        (await stranger.PostAsync("/api/payments/confirm-payment/", new { payment_intent_id = done })).Must(400);
        (await stranger.PostAsync("/api/payments/confirm-payment/", new { payment_intent_id = "pi_of_nobody" })).Must(400);
    }

    [Fact]
    public async Task Payments_refund_request_is_for_staff_who_pay_back_once_and_take_the_vouchers()
    {
        var (buyer, _, type) = await ReadyAsync("10.00");
        (await buyer.PostAsync("/api/vouchers/purchase/", new { voucher_type_id = type })).Must(201);
        var payment = (await buyer.GetAsync("/api/payments/history/")).Must(200).GetProperty("results")[0].GetProperty("id").GetString();
        var request = new
        {
            payment_id = payment,
            reason = "customer_request",
            amount = "10.00",
            notes = "please",
        };
        (await buyer.PostAsync("/api/payments/refund/request/", request)).Must(403);
        var finance = await OldClient.SignedInAsync(app, Roles.Finance);
        // 8.2.6: any amount was taken, and nothing carried out.
        (await finance.PostAsync("/api/payments/refund/request/", request with { amount = "10.01" })).Must(400);
        var refunded = (await finance.PostAsync("/api/payments/refund/request/", request)).Must(201);
        Assert.Equal("10.00", refunded.GetProperty("refund").GetProperty("amount").GetString());
        (await finance.PostAsync("/api/payments/refund/request/", request)).Must(400);
        Assert.Equal("10.00", await buyer.BalanceAsync());
        Assert.Equal(1, (await buyer.GetAsync("/api/payments/refunds/")).Must(200).GetProperty("count").GetInt32());
        Assert.Equal("cancelled", (await buyer.GetAsync("/api/vouchers/my-vouchers/")).Must(200).GetProperty("results")[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Utility_endpoints()
    {
        var anybody = OldClient.Anonymous(app);
        Assert.Equal("""{"status":"healthy","django":"running"}""", (await anybody.GetAsync("/api/health/")).Text);
        Assert.Equal("""{"status":"healthy","django":"running"}""", (await anybody.PostAsync("/api/health/")).Text);
        Assert.Equal("message status", (await anybody.GetAsync("/api/test/")).Members);
        Assert.Equal("message status", (await anybody.PostAsync("/api/test/", new { })).Members);
    }

    [Fact]
    public async Task Hole_8_2_1_nothing_is_given_away()
    {
        var (buyer, _, type) = await ReadyAsync("9.99");
        var short1 = await buyer.PostAsync("/api/vouchers/purchase/", new { voucher_type_id = type });
        Assert.StartsWith("http", short1.Must(402).GetProperty("payment_url").GetString(), StringComparison.Ordinal);
        Assert.True(short1.Json.TryGetProperty("error", out _));
        Assert.Equal("9.99", await buyer.BalanceAsync());
        Assert.Equal(0, (await buyer.GetAsync("/api/vouchers/my-vouchers/")).Must(200).GetProperty("count").GetInt32());
        (await OldClient.Anonymous(app).PostAsync("/api/vouchers/purchase/", new { voucher_type_id = type })).Must(401);
    }

    [Fact]
    public async Task Hole_8_2_1_50_purchases_at_once_get_what_there_is_money_for()
    {
        var (buyer, _, type) = await ReadyAsync("35.00");
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => buyer.PostAsync("/api/vouchers/purchase/", new { voucher_type_id = type })));
        Assert.Equal(3, all.Count(one => one.Status == 201));
        Assert.Equal("5.00", await buyer.BalanceAsync());
        Assert.Equal(3, (await buyer.GetAsync("/api/vouchers/my-vouchers/")).Must(200).GetProperty("count").GetInt32());
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task Hole_8_2_2_the_client_does_not_choose_the_currency()
    {
        var (buyer, _, type) = await ReadyAsync("10.00");
        Assert.True(
            (await buyer.PostAsync("/api/payments/create-intent/", new { voucher_type_id = type, currency = "IDR" }))
                .Must(400)
                .TryGetProperty("currency", out _)
        );
        (await buyer.PostAsync("/api/payments/create-intent/", new { voucher_type_id = type, currency = "money" })).Must(400);
    }

    [Fact]
    public async Task Hole_8_2_3_a_voucher_is_used_by_its_owner_for_its_service_and_once()
    {
        var (buyer, stand, type) = await ReadyAsync("10.00");
        var code = (await buyer.PostAsync("/api/vouchers/purchase/", new { voucher_type_id = type }))
            .Must(201)
            .GetProperty("vouchers")[0]
            .GetProperty("code")
            .GetString();
        var use = new { code, service_type = stand.Code };
        Assert.True((await (await OldClient.SignedInAsync(app)).PostAsync("/api/vouchers/redeem/", use)).Must(400).TryGetProperty("code", out _));
        (await buyer.PostAsync("/api/vouchers/redeem/", new { code, service_type = "another_service" })).Must(400);
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => buyer.PostAsync("/api/vouchers/redeem/", use)));
        Assert.Equal(1, all.Count(one => one.Status == 200));
        Assert.Equal(1, (await buyer.GetAsync("/api/vouchers/usage-history/")).Must(200).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Hole_8_2_5_a_discount_counts_and_never_exceeds_the_price()
    {
        var (buyer, stand, type) = await ReadyAsync("30.00");
        var discount = await stand.DiscountAsync("\"percent_bps\":2000,\"max_per_person\":1");
        var bought = (await buyer.PostAsync("/api/vouchers/purchase/", new { voucher_type_id = type, discount_code = discount })).Must(201);
        Assert.Equal(("8.00", "2.00"), (bought.GetProperty("total_paid").GetRawText(), bought.GetProperty("discount_applied").GetRawText()));
        var again = await buyer.PostAsync("/api/vouchers/purchase/", new { voucher_type_id = type, discount_code = discount });
        Assert.NotEqual(201, again.Status);
        Assert.True(
            (await buyer.PostAsync("/api/vouchers/purchase/", new { voucher_type_id = type, discount_code = "NONE-SUCH" }))
                .Must(400)
                .TryGetProperty("discount_code", out _)
        );
        Assert.Equal("22.00", await buyer.BalanceAsync());
    }

    [Fact]
    public async Task Hole_8_2_10_a_method_that_is_none_leaves_nothing_behind()
    {
        var (buyer, _, type) = await ReadyAsync("0");
        foreach (var method in (string[])["paypal", "bank_transfer", "mobile_money", "gold"])
        {
            Assert.True(
                (await buyer.PostAsync("/api/payments/create-intent/", new { voucher_type_id = type, payment_method = method }))
                    .Must(400)
                    .TryGetProperty("error", out _)
            );
        }

        Assert.Equal(0, (await buyer.GetAsync("/api/payments/history/")).Must(200).GetProperty("count").GetInt32());
    }

    // A buyer with money, a type for 10.00, and its small id as the shop window shows it.
    private async Task<(OldClient Buyer, VoucherStand Stand, long Type)> ReadyAsync(string balance, string more = "")
    {
        var stand = await VoucherStand.OpenAsync(app, "10.00", Currency, more);
        var buyer = await OldClient.SignedInAsync(app);
        if (balance is not "0")
        {
            await buyer.AddAsync(balance);
        }

        var types = (await OldClient.Anonymous(app).GetAsync("/api/vouchers/types/")).Must(200).GetProperty("results").EnumerateArray();
        var type = types.Single(one => string.Equals(one.GetProperty("type_code").GetString(), stand.Code, StringComparison.Ordinal));
        Assert.Equal("10.00", type.GetProperty("price").GetString());
        return (buyer, stand, type.GetProperty("id").GetInt64());
    }
}
