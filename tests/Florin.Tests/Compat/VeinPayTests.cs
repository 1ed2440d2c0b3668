using System.Text.Json;
using Florin.Tests.Biometrics;
using Florin.Tests.Payments;

namespace Florin.Tests.Compat;

/// <summary>Seed 1, line by line of its README, and its holes (SEEDS.md 8.1).</summary>
[Collection(CompatServer.Name)]
public sealed class VeinPayTests(FaceRig rig)
{
    private readonly FlorinApp app = rig.App;

    /// <summary>A customer whom a shop made, with their face.</summary>
    private async Task<(OldClient Client, long Number, string Face)> CustomerAsync(OldClient shop, string balance = "0")
    {
        var (name, face) = ("v" + Guid.NewGuid().ToString("N")[..12], FaceRig.Stranger());
        var made = (await CreateAsync(shop, name, face)).Must(201);
        var client = await OldClient.OfAsync(app, name, "new_password");
        if (balance is not "0")
        {
            await client.AddAsync(balance);
        }

        return (client, made.GetProperty("id").GetInt64(), face);
    }

    private Task<Said> CreateAsync(OldClient shop, string name, string face, string password = "new_password", string type = "FACE") =>
        shop.SendAsync(
            "POST",
            "/api/shop/customers/",
            Forms.Of("face_template", [rig.Shot(face)], ("username", name), ("password", password), ("biometric_type", type))
        );

    private static async Task<long> BillAsync(OldClient shop, long customer, string amount) =>
        (await shop.PostAsync("/api/shop/bills/", new { customer, amount })).Must(201).GetProperty("id").GetInt64();

    private Task<Said> PayAsync(OldClient shop, long bill, ScriptedPicture picture, string? key = null) =>
        shop.SendAsync(
            "POST",
            "/api/pay/",
            Forms.Of("live_image", [picture], ("bill_id", bill.ToString(System.Globalization.CultureInfo.InvariantCulture))),
            key is null ? [] : [("Idempotency-Key", key)]
        );

    [Fact]
    public async Task POST_api_auth_login_access_and_refresh_tokens()
    {
        var person = await OldClient.NewAsync(app);
        var tokens = (await person.PostAsync("/api/auth/login/", new { username = person.Username, password = OldClient.Password })).Must(200);
        Assert.NotEmpty(tokens.GetProperty("access").GetString()!);
        Assert.NotEmpty(tokens.GetProperty("refresh").GetString()!);
    }

    [Fact]
    public async Task GET_api_wallet_get_wallet_details()
    {
        var person = await OldClient.SignedInAsync(app);
        var wallet = await person.GetAsync("/api/wallet/");
        wallet.Must(200);
        Assert.Equal("id owner_username balance updated_at", wallet.Members);
        Assert.Equal(person.Username, wallet.Json.GetProperty("owner_username").GetString());
        Assert.Equal("0.00", wallet.Json.GetProperty("balance").GetString());
        Assert.Equal(wallet.Text, (await person.GetAsync("/api/wallet")).Text);
    }

    [Fact]
    public async Task POST_api_wallet_add_add_funds_to_wallet()
    {
        var person = await OldClient.SignedInAsync(app);
        var added = (await person.PostAsync("/api/wallet/add/", new { amount = "100.50" })).Must(200);
        Assert.Equal("100.50", added.GetProperty("balance").GetString());
        Assert.Equal("101.75", (await person.FormAsync("/api/wallet/add/", ("amount", "1.25"))).Must(200).GetProperty("balance").GetString());
        foreach (var wrong in new object[] { "0.00", "-5", "1.001", "x", "12345678901.00" })
        {
            var refused = await person.PostAsync("/api/wallet/add/", new { amount = wrong });
            refused.Must(400);
            Assert.Equal("amount", refused.Members);
        }

        // The same call again is the same call, where the client says so; the original had no such thing.
        var key = Guid.NewGuid().ToString();
        var first = await person.PostAsync("/api/wallet/add/", new { amount = "1.00" }, key);
        Assert.Equal(first.Text, (await person.PostAsync("/api/wallet/add/", new { amount = "1.00" }, key)).Text);
        Assert.Equal("102.75", await person.BalanceAsync());
        (await OldClient.Anonymous(app).PostAsync("/api/wallet/add/", new { amount = "1.00" })).Must(401);
    }

    [Fact]
    public async Task POST_api_shop_customers_to_create_and_GET_to_list()
    {
        var shop = await OldClient.ShopAsync(app);
        var name = "v" + Guid.NewGuid().ToString("N")[..12];
        var made = await CreateAsync(shop, name, FaceRig.Stranger());
        made.Must(201);
        Assert.Equal("id username email first_name last_name", made.Members);
        var listed = (await shop.GetAsync("/api/shop/customers/")).Must(200);
        Assert.Equal(made.Text, Assert.Single(listed.EnumerateArray()).GetRawText());
        Assert.Equal("0.00", await (await OldClient.OfAsync(app, name, "new_password")).BalanceAsync());
        var again = await CreateAsync(shop, name, FaceRig.Stranger());
        Assert.Equal((400, "username"), (again.Status, again.Members));
        var none = await shop.SendAsync("POST", "/api/shop/customers/", Forms.Of("other", [rig.Shot("x")], ("username", "y")));
        Assert.Equal((400, "password biometric_type face_template"), (none.Status, none.Members));
        var faceless = await shop.SendAsync(
            "POST",
            "/api/shop/customers/",
            Forms.Of("face_template", [rig.Shot("x") with { Faces = 0 }], ("username", name + "2"), ("password", "new_password"), ("biometric_type", "FACE"))
        );
        Assert.Equal((400, "face_template"), (faceless.Status, faceless.Members));
        (await CreateAsync(shop, name + "3", FaceRig.Stranger(), type: "IRIS")).Must(400);
        var customer = await OldClient.SignedInAsync(app);
        (await customer.GetAsync("/api/shop/customers/")).Must(403);
        (await CreateAsync(customer, name + "4", FaceRig.Stranger())).Must(403);
    }

    [Fact]
    public async Task POST_api_shop_bills_to_create_and_GET_to_list()
    {
        var shop = await OldClient.ShopAsync(app);
        var (_, number, _) = await CustomerAsync(shop);
        var bill = await shop.PostAsync("/api/shop/bills/", new { customer = number, amount = "99.99" });
        bill.Must(201);
        Assert.Equal("id customer amount status", bill.Members);
        Assert.Equal("99.99", bill.Json.GetProperty("amount").GetString());
        Assert.Equal("PENDING", bill.Json.GetProperty("status").GetString());
        Assert.Equal(number, bill.Json.GetProperty("customer").GetInt64());
        Assert.Equal(bill.Text, Assert.Single((await shop.GetAsync("/api/shop/bills/")).Must(200).EnumerateArray()).GetRawText());
        Assert.Equal("""{"customer":["Invalid pk \"99999999\" - object does not exist."]}""", (await BadAsync(99999999, "1.00")).Text);
        Assert.Equal("amount", (await BadAsync(number, "0")).Members);
        (await (await OldClient.SignedInAsync(app)).GetAsync("/api/shop/bills/")).Must(403);

        async Task<Said> BadAsync(long customer, string amount)
        {
            var refused = await shop.PostAsync("/api/shop/bills/", new { customer, amount });
            refused.Must(400);
            return refused;
        }
    }

    [Fact]
    public async Task PUT_api_shop_bills_id_pay_cash_mark_bill_as_paid_in_cash()
    {
        var shop = await OldClient.ShopAsync(app);
        var (customer, number, _) = await CustomerAsync(shop, "20.00");
        var bill = await BillAsync(shop, number, "5.00");
        var paid = await shop.SendAsync("PUT", $"/api/shop/bills/{bill}/pay-cash/");
        paid.Must(200);
        Assert.Equal("success", paid.Members);
        Assert.Equal("PAID_CASH", (await shop.GetAsync("/api/shop/bills/")).Json[0].GetProperty("status").GetString());
        var again = await shop.SendAsync("PATCH", $"/api/shop/bills/{bill}/pay-cash/");
        Assert.Equal((400, "error"), (again.Status, again.Members));
        Assert.Equal(("20.00", "0.00"), (await customer.BalanceAsync(), await shop.ShopHoldsAsync())); // notes in the drawer credit no wallet
        (await shop.SendAsync("PUT", "/api/shop/bills/99999999/pay-cash/")).Must(404);
        (await customer.SendAsync("PUT", $"/api/shop/bills/{bill}/pay-cash/")).Must(403);
    }

    [Fact]
    public async Task POST_api_pay_process_biometric_payment()
    {
        var shop = await OldClient.ShopAsync(app);
        var (customer, number, face) = await CustomerAsync(shop, "20.00");
        var bill = await BillAsync(shop, number, "5.00");
        var paid = await PayAsync(shop, bill, rig.Shot(face));
        paid.Must(200);
        Assert.Equal("success", paid.Members);
        Assert.Equal(("15.00", "5.00"), (await customer.BalanceAsync(), await shop.ShopHoldsAsync()));
        Assert.Equal("PAID_WALLET", (await shop.GetAsync("/api/shop/bills/")).Json[0].GetProperty("status").GetString());
        (await PayAsync(shop, bill, rig.Shot(face))).Must(404); // it is not pending any more
        var none = await shop.SendAsync("POST", "/api/pay/", Forms.Of("other", [rig.Shot(face)]));
        Assert.Equal((400, "bill_id live_image"), (none.Status, none.Members));
        var dear = await BillAsync(shop, number, "15.01");
        var refused = await PayAsync(shop, dear, rig.Shot(face));
        Assert.Equal((400, "error"), (refused.Status, refused.Members)); // more than the wallet holds
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task The_sequence_diagram_from_top_to_bottom()
    {
        var shop = await OldClient.ShopAsync(app);
        var (customer, number, face) = await CustomerAsync(shop);
        var signedIn = (await customer.PostAsync("/api/auth/login/", new { username = customer.Username, password = "new_password" })).Must(200);
        var refreshed = await customer.PostAsync("/api/auth/token/refresh/", new { refresh = signedIn.GetProperty("refresh").GetString() });
        customer.Token = refreshed.Must(200).GetProperty("access").GetString();
        Assert.Equal("0.00", await customer.BalanceAsync());
        await customer.AddAsync("50.00");
        Assert.Equal(number, (await shop.GetAsync("/api/shop/customers/")).Must(200)[0].GetProperty("id").GetInt64());
        var (cash, wallet) = (await BillAsync(shop, number, "1.00"), await BillAsync(shop, number, "30.00"));
        (await shop.SendAsync("PUT", $"/api/shop/bills/{cash}/pay-cash/")).Must(200);
        (await PayAsync(shop, wallet, rig.Shot(face))).Must(200);
        var bills = (await shop.GetAsync("/api/shop/bills/")).Must(200).EnumerateArray().ToDictionary(one => one.GetProperty("id").GetInt64());
        Assert.Equal(("PAID_CASH", "PAID_WALLET"), (Status(cash), Status(wallet)));

        var moved = (await customer.GetAsync("/api/wallet/transactions/")).Must(200).EnumerateArray().ToList();
        Assert.Equal(["id", "amount", "timestamp", "bill", "source_wallet", "destination_wallet"], moved[0].EnumerateObject().Select(one => one.Name));
        Assert.Equal(["30.00", "50.00"], moved.Select(one => one.GetProperty("amount").GetString()));
        Assert.Equal(wallet, moved[0].GetProperty("bill").GetInt64());
        var own = (await customer.GetAsync("/api/wallet/")).Must(200).GetProperty("id").GetInt64();
        Assert.Equal(own, moved[0].GetProperty("source_wallet").GetInt64());
        Assert.Equal(own, moved[1].GetProperty("destination_wallet").GetInt64());
        Assert.Equal(JsonValueKind.Null, moved[1].GetProperty("bill").ValueKind);
        var sold = Assert.Single((await shop.GetAsync("/api/wallet/transactions/")).Must(200).EnumerateArray());
        Assert.Equal(moved[0].GetProperty("destination_wallet").GetInt64(), sold.GetProperty("destination_wallet").GetInt64());
        Assert.Equal(own, sold.GetProperty("source_wallet").GetInt64());

        string? Status(long id) => bills[id].GetProperty("status").GetString();
    }

    [Fact]
    public async Task Hole_1_two_bills_at_once_never_take_more_than_there_is()
    {
        var shop = await OldClient.ShopAsync(app);
        var (customer, number, face) = await CustomerAsync(shop, "10.00");
        var bills = new List<long>();
        for (var i = 0; i < 6; i++)
        {
            bills.Add(await BillAsync(shop, number, "4.00"));
        }

        var answers = await Task.WhenAll(bills.Select(bill => PayAsync(shop, bill, rig.Shot(face))));
        Assert.Equal(2, answers.Count(answer => answer.Status == 200));
        Assert.Equal(("2.00", "8.00"), (await customer.BalanceAsync(), await shop.ShopHoldsAsync()));
        var bill = await BillAsync(shop, number, "1.00");
        var raced = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => i % 2 == 0 ? PayAsync(shop, bill, rig.Shot(face)) : shop.SendAsync("PUT", $"/api/shop/bills/{bill}/pay-cash/"))
        );
        Assert.Single(raced, answer => answer.Status == 200); // cash or wallet, and not both
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Hole_2_another_face_is_refused_a_picture_pays_once_and_wrong_ones_make_wait()
    {
        var shop = await OldClient.ShopAsync(app);
        var (customer, number, face) = await CustomerAsync(shop, "10.00");
        var (first, second) = (await BillAsync(shop, number, "1.00"), await BillAsync(shop, number, "1.00"));
        var stranger = await PayAsync(shop, first, rig.Shot(FaceRig.Stranger()));
        Assert.Equal((400, "error", "face_mismatch"), (stranger.Status, stranger.Members, stranger.Header("Refusal-Code")));
        var picture = rig.Shot(face);
        (await PayAsync(shop, first, picture)).Must(200);
        var copy = await PayAsync(shop, second, picture);
        Assert.Equal((400, "face_replay"), (copy.Status, copy.Header("Refusal-Code")));
        for (var i = 0; i < 4; i++)
        {
            (await PayAsync(shop, second, rig.Shot(FaceRig.Stranger()))).Must(400);
        }

        Assert.Equal((429, "face_wait"), await Coded(PayAsync(shop, second, rig.Shot(face))));
        Assert.Equal("9.00", await customer.BalanceAsync());

        static async Task<(int, string?)> Coded(Task<Said> answer) => ((await answer).Status, (await answer).Header("Refusal-Code"));
    }

    [Fact]
    public async Task Hole_2_a_photo_says_nothing_of_veins()
    {
        var shop = await OldClient.ShopAsync(app);
        var (name, face) = ("v" + Guid.NewGuid().ToString("N")[..12], FaceRig.Stranger());
        var number = (await CreateAsync(shop, name, face, type: "VEIN")).Must(201).GetProperty("id").GetInt64();
        var refused = await PayAsync(shop, await BillAsync(shop, number, "1.00"), rig.Shot(face));
        Assert.Equal((400, "error", "face_not_enrolled"), (refused.Status, refused.Members, refused.Header("Refusal-Code")));
    }

    [Fact]
    public async Task Hole_3_only_the_bills_own_shop_shows_a_face()
    {
        var shop = await OldClient.ShopAsync(app);
        var (customer, number, face) = await CustomerAsync(shop, "10.00");
        var bill = await BillAsync(shop, number, "1.00");
        (await PayAsync(customer, bill, rig.Shot(face))).Must(403);
        (await PayAsync(await OldClient.SignedInAsync(app), bill, rig.Shot(face))).Must(403);
        (await PayAsync(await OldClient.ShopAsync(app), bill, rig.Shot(face))).Must(404);
        Assert.Equal("10.00", await customer.BalanceAsync());
    }

    [Theory]
    [InlineData("-50")]
    [InlineData("0.00")]
    [InlineData("-0.01")]
    public async Task Hole_4_a_bill_is_above_nothing(string amount)
    {
        var shop = await OldClient.ShopAsync(app);
        var refused = await shop.PostAsync("/api/shop/bills/", new { customer = 1, amount });
        Assert.Equal((400, "amount"), (refused.Status, refused.Members));
    }

    [Fact]
    public async Task Hole_5_the_status_is_not_the_clients_to_set()
    {
        var shop = await OldClient.ShopAsync(app);
        var (_, number, _) = await CustomerAsync(shop);
        var body = new
        {
            customer = number,
            amount = "1.00",
            status = "PAID_WALLET",
        };
        Assert.Equal("PENDING", (await shop.PostAsync("/api/shop/bills/", body)).Must(201).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Hole_6_a_shop_sees_and_settles_its_own_only()
    {
        var (shop, other) = (await OldClient.ShopAsync(app), await OldClient.ShopAsync(app));
        var (_, number, _) = await CustomerAsync(shop);
        var bill = await BillAsync(shop, number, "1.00");
        Assert.Equal("[]", (await other.GetAsync("/api/shop/customers/")).Text);
        Assert.Equal("[]", (await other.GetAsync("/api/shop/bills/")).Text);
        (await other.SendAsync("PUT", $"/api/shop/bills/{bill}/pay-cash/")).Must(404);
        var foreign = await other.PostAsync("/api/shop/bills/", new { customer = number, amount = "1.00" });
        Assert.Equal((400, "customer"), (foreign.Status, foreign.Members)); // as one that does not exist
    }

    [Fact]
    public async Task Hole_7_money_put_in_has_an_entry_and_a_payment_behind_it()
    {
        var person = await OldClient.SignedInAsync(app);
        await person.AddAsync("7.00");
        Assert.Single((await person.GetAsync("/api/wallet/transactions/")).Must(200).EnumerateArray());
        Assert.Equal(
            "top_up completed sandbox",
            await app.Database.ScalarAsync<string>(
                "select purpose || ' ' || state || ' ' || method from payments.payments where owner = $1 or created_by = $1 limit 1",
                person.Id
            )
        );
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Hole_8_a_face_template_is_nowhere_to_be_fetched()
    {
        var shop = await OldClient.ShopAsync(app);
        await CustomerAsync(shop);
        (await shop.GetAsync("/media/face_templates/picture.png")).Must(404);
    }

    [Fact]
    public async Task Hole_9_a_wallet_that_is_missing_and_a_number_too_large_are_no_fault()
    {
        var staff = await OldClient.SignedInAsync(app, Florin.Platform.Roles.Support);
        (await staff.GetAsync("/api/wallet/")).Must(200); // opened when it is first asked for
        (await staff.PostAsync("/api/wallet/add/", new { amount = "9999999999.99" })).Must(200);
        (await staff.PostAsync("/api/wallet/add/", new { amount = 1e300 })).Must(400);
    }

    [Fact]
    public async Task Hole_10_a_fault_tells_nothing_of_our_insides()
    {
        var shop = await OldClient.ShopAsync(app);
        var bad = await shop.PostAsync("/api/shop/bills/", new { customer = "9".PadLeft(40, '9'), amount = "1.00" });
        Assert.Equal((400, "customer"), (bad.Status, bad.Members));
        Assert.DoesNotContain("Florin", bad.Text, StringComparison.Ordinal);
    }
}
