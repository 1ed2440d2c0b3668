using System.Net.Http.Headers;
using System.Text.Json;
using Florin.Tests.Biometrics;
using Florin.Tests.Identity;
using Florin.Tests.Ledger;

namespace Florin.Tests.Compat;

/// <summary>Seed 5, line by line of its README, and its holes (SEEDS.md 8.5).</summary>
[Collection(CompatServer.Name)]
public sealed class WalletApiTests(FaceRig rig)
{
    private const string Password = OldClient.Password;
    private readonly FlorinApp app = rig.App;

    [Theory]
    [InlineData("/users")]
    [InlineData("/api/v1/users")]
    public async Task Users_create_verify_token_and_get(string prefix)
    {
        var (phone, client) = (Calls.FreshPhone(), OldClient.Anonymous(app));
        var email = Calls.Fresh("w") + "@example.org";
        var begun = (await client.PostAsync(prefix + "/create/", Credentials(email, phone))).Must(201);
        Assert.True(Guid.TryParseExact(begun.GetProperty("session_id").GetString(), "D", out _));
        Assert.Equal((email, phone), (begun.GetProperty("email").GetString(), begun.GetProperty("phone_number").GetString()));
        Assert.DoesNotContain(Password, begun.GetRawText(), StringComparison.Ordinal);
        (await client.PostAsync(prefix + "/token/create/", new { phone_number = phone, password = Password })).Must(401); // nobody exists yet
        var verified = (await client.PostAsync(prefix + "/verify/", Code(begun))).Must(201);
        Assert.True(verified.TryGetProperty("message", out _));
        (await client.PostAsync(prefix + "/verify/", Code(begun))).Must(400); // a code is good once: it was 500

        var tokens = (await client.PostAsync(prefix + "/token/create/", new { phone_number = phone, password = Password })).Must(201);
        client.Token = tokens.GetProperty("access_token").GetString();
        var refreshed = (await client.PostAsync(prefix + "/token/refresh/", new { refresh = tokens.GetProperty("refresh_token").GetString() })).Must(201);
        Assert.Equal("access refresh", string.Join(' ', refreshed.EnumerateObject().Select(member => member.Name)));
        var me = await client.GetAsync(prefix + "/");
        me.Must(200);
        Assert.Equal("email phone_number wallets profile_image first_name last_name", me.Members);
        Assert.Equal((email, phone), (me.Json.GetProperty("email").GetString(), me.Json.GetProperty("phone_number").GetString()));
    }

    [Fact]
    public async Task Users_update_takes_names_and_a_picture()
    {
        var client = await UserAsync();
        var updated = (
            await client.SendAsync(
                "PATCH",
                "/users/update/",
                Body(
                    new
                    {
                        first_name = "Dana",
                        last_name = "Kim",
                        email = "other@example.org",
                    }
                )
            )
        ).Must(200);
        Assert.Equal(("Dana", "Kim"), (updated.GetProperty("first_name").GetString(), updated.GetProperty("last_name").GetString()));
        var form = new MultipartFormDataContent { { new StringContent("Aigul"), "first_name" } };
        form.Add(new ByteArrayContent(Pictures.Png()) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, "profile_image", "me.png");
        var pictured = (await client.SendAsync("PATCH", "/users/update/", form)).Must(200);
        var picture = pictured.GetProperty("profile_image").GetString()!;
        Assert.Equal(200, (await client.GetAsync(picture)).Status);
        Assert.Equal(401, (await OldClient.Anonymous(app).GetAsync(picture)).Status); // it was public
        var me = (await client.GetAsync("/users/")).Must(200);
        Assert.Equal(("Aigul", "Kim"), (me.GetProperty("first_name").GetString(), me.GetProperty("last_name").GetString()));
        Assert.DoesNotContain("other@", me.GetRawText(), StringComparison.Ordinal);
        (await client.SendAsync("PUT", "/users/update/", Body(new { }))).Must(405);
    }

    [Fact]
    public async Task Users_password_update_and_verify()
    {
        var client = await UserAsync();
        var other = (await client.PostAsync("/users/token/create/", new { phone_number = client.Username, password = Password })).Must(201);
        (await client.PostAsync("/users/password/update/", new { password = "wrong", new_password = "another pass phrase" })).Must(400, 401);
        var begun = (await client.PostAsync("/users/password/update/", new { password = Password, new_password = "another pass phrase" })).Must(201);
        (await client.SendAsync("PATCH", "/users/password/verify/", Body(Code(begun)))).Must(200);
        (await client.PostAsync("/users/token/create/", new { phone_number = client.Username, password = Password })).Must(401);
        (await client.PostAsync("/users/token/create/", new { phone_number = client.Username, password = "another pass phrase" })).Must(201);
        // 8.5.9: the other sessions end.
        (await client.PostAsync("/users/token/refresh/", new { refresh = other.GetProperty("refresh_token").GetString() })).Must(401);
    }

    [Fact]
    public async Task Users_wallets_create_list_one_and_update()
    {
        var client = await UserAsync();
        var made = (await client.PostAsync("/users/wallets/create/", new { })).Must(201);
        Assert.Equal("KZT", made.GetProperty("amount_currency").GetString());
        (await client.PostAsync("/users/wallets/create/", new { name = "Euros", amount_currency = "EUR" })).Must(201);
        (await client.PostAsync("/users/wallets/create/", new { amount_currency = "USD" })).Must(201);
        var twice = (await client.PostAsync("/users/wallets/create/", new { amount_currency = "EUR" })).Must(400);
        Assert.True(twice.TryGetProperty("non_field_errors", out _));
        Assert.True((await client.PostAsync("/users/wallets/create/", new { amount_currency = "QQQ" })).Must(400).TryGetProperty("amount_currency", out _));

        var list = (await client.GetAsync("/users/wallets/")).Must(200);
        Assert.Equal(3, list.GetArrayLength());
        var id = made.GetProperty("id").GetInt64();
        var one = await client.GetAsync($"/users/wallets/{id}/");
        one.Must(200);
        Assert.Equal("id wallet_number name amount amount_currency is_active created_at updated_at user", one.Members);
        Assert.Equal("0.00", one.Json.GetProperty("amount").GetString());
        Assert.True(one.Json.GetProperty("is_active").GetBoolean());
        Assert.Equal(10, one.Json.GetProperty("wallet_number").GetString()!.Length);
        var renamed = await client.SendAsync("PATCH", $"/users/wallets/{id}/update/", Body(new { name = "Rent" }));
        Assert.Equal("""{"name":"Rent"}""", renamed.Text);
        (await client.SendAsync("PATCH", $"/users/wallets/{id}/update/", Body(new { name = "" }))).Must(400);
        (await client.SendAsync("DELETE", $"/users/wallets/{id}/")).Must(405);
    }

    [Fact]
    public async Task Users_wallets_deposit_withdraw_transfer_and_transactions()
    {
        var (from, to) = (await UserAsync(), await UserAsync());
        var (mine, theirs) = (await WalletAsync(from), await WalletAsync(to));
        Assert.Equal("""{"amount":"1000.00"}""", (await MoveAsync(from, mine, "deposit", new { amount = "1000" }, 201)).GetRawText());
        Assert.Equal("""{"amount":"100.50"}""", (await MoveAsync(from, mine, "withdraw", new { amount = "100.50" }, 201)).GetRawText());
        var number = theirs.GetProperty("wallet_number").GetString();
        var sent = await MoveAsync(from, mine, "transfer", new { wallet_number = number, amount = 200 }, 201);
        Assert.Equal((number, "200.00"), (sent.GetProperty("wallet_number").GetString(), sent.GetProperty("amount").GetString()));
        Assert.Equal("699.50", await AmountAsync(from, mine));
        Assert.Equal("200.00", await AmountAsync(to, theirs));

        var list = (await from.GetAsync($"/users/wallets/{Id(mine)}/transactions/")).Must(200);
        Assert.Equal(["TRANSFER", "WITHDRAW", "DEPOSIT"], list.EnumerateArray().Select(one => one.GetProperty("operation_type").GetString()));
        Assert.Equal(number, list[0].GetProperty("receiver").GetProperty("wallet_number").GetString());
        Assert.Equal(mine.GetProperty("wallet_number").GetString(), list[0].GetProperty("sender").GetProperty("wallet_number").GetString());
        Assert.Equal(JsonValueKind.Null, list[2].GetProperty("sender").ValueKind);
    }

    [Fact]
    public async Task What_is_refused_is_refused_in_the_old_shape()
    {
        var (client, stranger) = (await UserAsync(), await UserAsync());
        var wallet = await WalletAsync(client);
        var path = $"/users/wallets/{Id(wallet)}/";
        foreach (var action in (string[])["deposit", "withdraw"])
        {
            foreach (var amount in (object[])["0", "-1", "0.001", "x", 1e20])
            {
                Assert.True((await client.PostAsync(path + action + "/", new { amount })).Must(400).TryGetProperty("amount", out _)); // 8.5.4: zero was recorded
            }
        }

        Assert.True((await client.PostAsync(path + "withdraw/", new { amount = "1" })).Must(402, 400).TryGetProperty("error", out _));
        (await client.PostAsync(path + "transfer/", new { wallet_number = "12345", amount = "1" })).Must(404);
        Assert.True(
            (await client.PostAsync(path + "transfer/", new { wallet_number = wallet.GetProperty("wallet_number").GetString(), amount = "1" }))
                .Must(400)
                .TryGetProperty("error", out _)
        );
        // 8.5.3: nobody's and somebody else's are not found, signed in or not; they were 500, even for strangers.
        foreach (var action in (string[])["deposit", "withdraw", "transfer"])
        {
            (await stranger.PostAsync(path + action + "/", new { amount = "1", wallet_number = "0000000000" })).Must(404);
            (await client.PostAsync($"/users/wallets/987654321/{action}/", new { amount = "1", wallet_number = "0000000000" })).Must(404);
            (await OldClient.Anonymous(app).PostAsync($"/users/wallets/987654321/{action}/", new { amount = "1" })).Must(401);
        }

        (await stranger.GetAsync(path)).Must(404);
        (await stranger.GetAsync(path + "transactions/")).Must(404);
        (await client.PostAsync("/users/verify/", new { session_id = Guid.NewGuid(), code = "123456" })).Must(400);
        (await client.PostAsync("/users/verify/", new { session_id = "x", code = "123456" })).Must(400);
        (await client.SendAsync("PATCH", "/users/password/verify/", Body(new { session_id = Guid.NewGuid(), code = "123456" }))).Must(400);
    }

    [Fact]
    public async Task Hole_8_5_1_of_50_withdrawals_at_once_only_as_many_pass_as_there_is_money_for()
    {
        var client = await UserAsync();
        var wallet = await WalletAsync(client);
        await MoveAsync(client, wallet, "deposit", new { amount = "100.00" }, 201);
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.PostAsync($"/users/wallets/{Id(wallet)}/withdraw/", new { amount = "60.00" })));
        Assert.Equal(1, all.Count(one => one.Status == 201));
        Assert.Equal("40.00", await AmountAsync(client, wallet));
        await Book.CheckCleanAsync(app);
    }

    [Fact]
    public async Task Hole_8_5_2_a_code_has_five_tries_and_is_bound_to_its_person_and_purpose()
    {
        var (client, stranger) = (await UserAsync(), await UserAsync());
        var begun = (await client.PostAsync("/users/password/update/", new { password = Password, new_password = "another pass phrase" })).Must(201);
        (await stranger.SendAsync("PATCH", "/users/password/verify/", Body(Code(begun)))).Must(400);
        (await client.PostAsync("/users/verify/", Code(begun))).Must(400); // it is no registration
        var guess = begun.GetProperty("sandbox_code").GetString() is "000000" ? "000001" : "000000";
        for (var i = 0; i < 5; i++)
        {
            (
                await client.SendAsync("PATCH", "/users/password/verify/", Body(new { session_id = begun.GetProperty("session_id").GetString(), code = guess }))
            ).Must(400);
        }

        (await client.SendAsync("PATCH", "/users/password/verify/", Body(Code(begun)))).Must(400);
    }

    [Fact]
    public async Task Holes_8_5_5_and_6_a_conversion_says_its_rate_and_never_rounds_up()
    {
        var (from, to) = (await UserAsync(), await UserAsync());
        var (mine, theirs) = (await WalletAsync(from), await WalletAsync(to, "USD"));
        await MoveAsync(from, mine, "deposit", new { amount = "1000.00" }, 201);
        var number = theirs.GetProperty("wallet_number").GetString();
        // Three tenge are worth less than a cent: nothing is received for them.
        Assert.NotEqual(201, (await from.PostAsync($"/users/wallets/{Id(mine)}/transfer/", new { wallet_number = number, amount = "3.00" })).Status);
        Assert.Equal("0.00", await AmountAsync(to, theirs));
        await MoveAsync(from, mine, "transfer", new { wallet_number = number, amount = "900.00" }, 201);
        var list = (await to.GetAsync($"/users/wallets/{Id(theirs)}/transactions/")).Must(200);
        Assert.Equal(("900.00", "KZT"), (list[0].GetProperty("amount").GetString(), list[0].GetProperty("amount_currency").GetString()));
        Assert.Equal(
            (await AmountAsync(to, theirs), "USD"),
            (list[0].GetProperty("received_amount").GetString(), list[0].GetProperty("received_currency").GetString())
        );
        Assert.NotEqual(JsonValueKind.Null, list[0].GetProperty("rate").ValueKind);
    }

    [Fact]
    public async Task Hole_8_5_9_whose_account_is_closed_gets_no_tokens()
    {
        var client = await UserAsync();
        await app.Database.ScalarAsync<int>("update identity.people set deactivated_at = now() where phone = $1", client.Username);
        (await client.PostAsync("/users/token/create/", new { phone_number = client.Username, password = Password })).Must(401);
        var unknown = await client.PostAsync("/users/token/create/", new { phone_number = "+77999999999", password = Password });
        unknown.Must(401); // 404 told who has an account
    }

    private async Task<OldClient> UserAsync()
    {
        var phone = Calls.FreshPhone();
        var client = OldClient.Anonymous(app, phone);
        var begun = (await client.PostAsync("/users/create/", Credentials(Calls.Fresh("w") + "@example.org", phone))).Must(201);
        (await client.PostAsync("/users/verify/", Code(begun))).Must(201);
        var tokens = (await client.PostAsync("/users/token/create/", new { phone_number = phone, password = Password })).Must(201);
        client.Token = tokens.GetProperty("access_token").GetString();
        return client;
    }

    private static async Task<JsonElement> WalletAsync(OldClient client, string currency = "KZT") =>
        (await client.PostAsync("/users/wallets/create/", new { name = "Mine", amount_currency = currency })).Must(201);

    private static async Task<JsonElement> MoveAsync(OldClient client, JsonElement wallet, string action, object body, int status) =>
        (await client.PostAsync($"/users/wallets/{Id(wallet)}/{action}/", body)).Must(status);

    private static async Task<string?> AmountAsync(OldClient client, JsonElement wallet) =>
        (await client.GetAsync($"/users/wallets/{Id(wallet)}/")).Must(200).GetProperty("amount").GetString();

    private static long Id(JsonElement wallet) => wallet.GetProperty("id").GetInt64();

    private static object Credentials(string email, string phone) =>
        new
        {
            email,
            phone_number = phone,
            password = Password,
        };

    private static object Code(JsonElement begun) =>
        new { session_id = begun.GetProperty("session_id").GetString(), code = begun.GetProperty("sandbox_code").GetString() };

    private static System.Net.Http.Json.JsonContent Body(object body) => System.Net.Http.Json.JsonContent.Create(body);
}
