using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Florin.Files;
using Florin.Platform;
using Florin.Tests.Gateways;
using Florin.Tests.Payments;

namespace Florin.Tests.Compat;

/// <summary>Seed 3, line by line of its README, and its holes (SEEDS.md 8.3), with a small aamarPay.</summary>
public sealed class PaymentFilesTests(AamarPayApp gateway) : IClassFixture<AamarPayApp>
{
    private readonly FlorinApp app = gateway.App;
    private static int number;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Somebody who registered and signed in as the README's Postman steps do.</summary>
    private async Task<OldClient> UserAsync()
    {
        var name = "f" + Guid.NewGuid().ToString("N")[..12];
        var mobile = "017" + Interlocked.Increment(ref number).ToString("D8", System.Globalization.CultureInfo.InvariantCulture);
        var body = new
        {
            username = name,
            email = name + "@example.com",
            mobile_number = mobile,
            password = "securepassword123",
        };
        (await OldClient.Anonymous(app).PostAsync("/api/register/", body)).Must(201);
        var client = await OldClient.OfAsync(app, name, "securepassword123");
        await client.KnowAsync();
        return client;
    }

    private async Task<AamarPayCharge> InitiateAsync(OldClient user)
    {
        var before = gateway.AamarPay.Charges.Count;
        (await user.PostAsync("/api/initiate-payment/")).Must(200);
        Assert.Equal(before + 1, gateway.AamarPay.Charges.Count);
        return gateway.AamarPay.Charges.OrderBy(charge => charge.Fields["tran_id"], StringComparer.Ordinal).Last();
    }

    /// <summary>Pays for one upload.</summary>
    private async Task<string> PayAsync(OldClient user)
    {
        var charge = await InitiateAsync(user);
        gateway.AamarPay.Become(Guid.ParseExact(charge.Fields["tran_id"], "N"), "Successful");
        var said = await OldClient.Anonymous(app).SendAsync("POST", "/api/payment/success/", AamarPayServer.Return(charge));
        return said.Must(200).GetProperty("transaction_id").GetString()!;
    }

    private static Task<Said> UploadAsync(OldClient user, string text = "some words to count", string name = "sample.txt", string? key = null) =>
        user.SendAsync(
            "POST",
            "/api/upload/",
            new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", name } },
            key is null ? [] : [("Idempotency-Key", key)]
        );

    [Fact]
    public async Task Postman_1_user_registration()
    {
        var name = "f" + Guid.NewGuid().ToString("N")[..12];
        var body = new
        {
            username = name,
            email = name + "@example.com",
            mobile_number = "01712345678",
            password = "securepassword123",
        };
        var made = await OldClient.Anonymous(app).PostAsync("/api/register/", body);
        made.Must(201);
        Assert.Equal("id username email mobile_number", made.Members);
        Assert.Equal("01712345678", made.Json.GetProperty("mobile_number").GetString());
        var again = await OldClient.Anonymous(app).PostAsync("/api/register/", body);
        Assert.Equal((400, "username"), (again.Status, again.Members));
        var none = await OldClient.Anonymous(app).PostAsync("/api/register/", new { });
        Assert.Equal((400, "username email mobile_number password"), (none.Status, none.Members));
        var user = await OldClient.OfAsync(app, name, "securepassword123");
        (await user.PostAsync("/api/user/", body with { username = name + "2", email = name + "2@example.com" })).Must(201); // anyone can create users
    }

    [Fact]
    public async Task Postman_2_user_login_and_refresh()
    {
        var user = await UserAsync();
        var tokens = (await user.PostAsync("/api/login/", new { username = user.Username, password = "securepassword123" })).Must(200);
        Assert.NotEmpty(tokens.GetProperty("access").GetString()!);
        var refreshed = await user.PostAsync("/api/login/refresh/", new { refresh = tokens.GetProperty("refresh").GetString() });
        Assert.NotEmpty(refreshed.Must(200).GetProperty("access").GetString()!);
    }

    [Fact]
    public async Task Postman_3_initiate_payment_is_100_BDT()
    {
        var user = await UserAsync();
        var answer = await user.PostAsync("/api/initiate-payment/");
        answer.Must(200);
        Assert.Equal("result payment_url", answer.Members);
        Assert.Equal("true", answer.Json.GetProperty("result").GetString());
        Assert.True(Uri.IsWellFormedUriString(answer.Json.GetProperty("payment_url").GetString(), UriKind.Absolute));
        var charge = gateway.AamarPay.Charges.OrderBy(one => one.Fields["tran_id"], StringComparer.Ordinal).Last();
        Assert.Equal(("100.00", "BDT"), (charge.Fields["amount"], charge.Fields["currency"]));
        (await OldClient.Anonymous(app).PostAsync("/api/initiate-payment/")).Must(401);
    }

    [Fact]
    public async Task Postman_4_and_5_upload_file_and_list_files()
    {
        var user = await UserAsync();
        var unpaid = await UploadAsync(user);
        Assert.Equal((403, "detail"), (unpaid.Status, unpaid.Members));
        await PayAsync(user);
        var uploaded = await UploadAsync(user);
        uploaded.Must(201);
        Assert.Equal("file_id user file filename upload_time status word_count", uploaded.Members);
        Assert.Equal("Processing", uploaded.Json.GetProperty("status").GetString());
        Assert.Equal(user.Number, uploaded.Json.GetProperty("user").GetInt64());
        Assert.Equal(JsonValueKind.Null, uploaded.Json.GetProperty("word_count").ValueKind);
        await app.Get<FileProcessing>().RunAsync(Cancel);
        var file = Assert.Single((await user.GetAsync("/api/file/")).Must(200).EnumerateArray());
        Assert.Equal(("Completed", 4), (file.GetProperty("status").GetString(), file.GetProperty("word_count").GetInt32()));
        Assert.Equal(uploaded.Json.GetProperty("file_id").GetGuid(), file.GetProperty("file_id").GetGuid());
        var staff = await OldClient.SignedInAsync(app, Roles.Support);
        Assert.Contains(file.GetRawText(), (await staff.GetAsync("/api/file/")).Text, StringComparison.Ordinal);

        // The address in the answer is real, and its owner's alone.
        var address = new Uri(file.GetProperty("file").GetString()!).AbsolutePath;
        Assert.Equal("some words to count", (await user.GetAsync(address)).Text);
        (await (await UserAsync()).GetAsync(address)).Must(404);
        (await OldClient.Anonymous(app).GetAsync(address)).Must(401);
        await Books.CheckAsync(app);
    }

    [Fact]
    public async Task Postman_6_get_user_profile()
    {
        var (user, other) = (await UserAsync(), await UserAsync());
        var own = Assert.Single((await user.GetAsync("/api/user/")).Must(200).EnumerateArray());
        Assert.Equal(own.GetRawText(), (await user.GetAsync($"/api/user/{user.Number}/")).Text);
        Assert.Equal("""{"detail":"Not found."}""", (await user.GetAsync($"/api/user/{other.Number}/")).Text);
        var staff = await OldClient.SignedInAsync(app, Roles.Support);
        var all = (await staff.GetAsync("/api/user/")).Must(200).EnumerateArray().Select(one => one.GetProperty("id").GetInt64()).ToList();
        Assert.Contains(user.Number, all);
        Assert.Contains(other.Number, all);
        Assert.Equal(other.Username, (await staff.GetAsync($"/api/user/{other.Number}/")).Must(200).GetProperty("username").GetString());
    }

    [Fact]
    public async Task Postman_7_view_activity_logs()
    {
        var user = await UserAsync();
        var transaction = await PayAsync(user);
        (await UploadAsync(user)).Must(201);
        await app.Get<FileProcessing>().RunAsync(Cancel);
        var rows = (await user.GetAsync("/api/activity/")).Must(200).EnumerateArray().ToList();
        Assert.Equal(["word_count", "file_uploaded", "payment"], rows.Select(row => row.GetProperty("action").GetString()));
        Assert.Equal(["activity_id", "user", "action", "metadata", "timestamp"], rows[0].EnumerateObject().Select(one => one.Name));
        Assert.Equal("""{"filename":"sample.txt","word_count":4,"status":"COMPLETED"}""", rows[0].GetProperty("metadata").GetRawText());
        Assert.Equal("""{"filename":"sample.txt"}""", rows[1].GetProperty("metadata").GetRawText());
        Assert.Equal($$"""{"tranasction_id":"{{transaction}}","payment_status":"Successful","amount":100.00}""", rows[2].GetProperty("metadata").GetRawText());
        Assert.All(rows, row => Assert.Equal(user.Number, row.GetProperty("user").GetInt64()));
        Assert.Equal("[]", (await (await UserAsync()).GetAsync("/api/activity/")).Text);
        var staff = await OldClient.SignedInAsync(app, Roles.Auditor);
        Assert.Contains(rows[2].GetRawText(), (await staff.GetAsync("/api/activity/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Postman_8_list_payment_transactions_admin_only()
    {
        var user = await UserAsync();
        var transaction = await PayAsync(user);
        var staff = await OldClient.SignedInAsync(app, Roles.Finance);
        var row = (await staff.GetAsync("/api/transactions/")).Must(200).EnumerateArray().First(one => one.GetProperty("user").GetInt64() == user.Number);
        Assert.Equal(
            ["payment_id", "user", "amount", "status", "transaction_id", "gateway_response", "timestamp"],
            row.EnumerateObject().Select(one => one.Name)
        );
        Assert.Equal(("100.00", "Paid"), (row.GetProperty("amount").GetString(), row.GetProperty("status").GetString()));
        Assert.Equal(transaction, row.GetProperty("transaction_id").GetString());
        Assert.Equal("Successful", row.GetProperty("gateway_response").GetProperty("pay_status").GetString());
        Assert.StartsWith("AAM", row.GetProperty("gateway_response").GetProperty("pg_txnid").GetString(), StringComparison.Ordinal);
        (await user.GetAsync("/api/transactions/")).Must(403);
        (await OldClient.Anonymous(app).GetAsync("/api/transactions/")).Must(401);
    }

    [Fact]
    public async Task Postman_9_update_user_profile()
    {
        var (user, other) = (await UserAsync(), await UserAsync());
        var wanted = new
        {
            username = user.Username + "x",
            email = user.Username + "x@example.com",
            mobile_number = "01798765432",
        };
        var changed = await PutAsync(user, user.Number, wanted);
        changed.Must(200);
        Assert.Equal(wanted.username, changed.Json.GetProperty("username").GetString());
        Assert.Equal(wanted.mobile_number, (await user.GetAsync("/api/user/")).Json[0].GetProperty("mobile_number").GetString());
        Assert.Equal((404, """{"detail":"Not found."}"""), Told(await PutAsync(user, other.Number, wanted)));
        var taken = await user.SendAsync("PATCH", $"/api/user/{user.Number}/", JsonContent.Create(new { username = other.Username }));
        Assert.Equal((400, "username"), (taken.Status, taken.Members));
        (await PutAsync(user, user.Number, wanted with { email = "no address" })).Must(400);
        var admin = await OldClient.SignedInAsync(app, Roles.Admin);
        (await admin.SendAsync("PATCH", $"/api/user/{other.Number}/", JsonContent.Create(new { mobile_number = "01700000000" }))).Must(200);
        var support = await OldClient.SignedInAsync(app, Roles.Support);
        (await support.SendAsync("PATCH", $"/api/user/{other.Number}/", JsonContent.Create(new { mobile_number = "01700000001" }))).Must(403);

        static Task<Said> PutAsync(OldClient who, long id, object body) => who.SendAsync("PUT", $"/api/user/{id}/", JsonContent.Create(body));
        static (int, string) Told(Said said) => (said.Status, said.Text);
    }

    [Fact]
    public async Task DELETE_api_user_id_own_profile_and_staff_any()
    {
        var (user, other) = (await UserAsync(), await UserAsync());
        (await user.SendAsync("DELETE", $"/api/user/{other.Number}/")).Must(404);
        var asked = await user.SendAsync("DELETE", $"/api/user/{user.Number}/");
        Assert.Equal("password_required", asked.Header("Refusal-Code")); // a stolen token ends no account
        (await user.SendAsync("DELETE", $"/api/user/{user.Number}/", JsonContent.Create(new { password = "securepassword123" }))).Must(204);
        (await user.GetAsync("/api/user/")).Must(401);
        var admin = await OldClient.SignedInAsync(app, Roles.Admin);
        (await admin.SendAsync("DELETE", $"/api/user/{other.Number}/")).Must(204);
        (await admin.GetAsync($"/api/user/{other.Number}/")).Must(404);
    }

    [Fact]
    public async Task Callbacks_answer_how_the_payment_stands()
    {
        var user = await UserAsync();
        var charge = await InitiateAsync(user);
        var anybody = OldClient.Anonymous(app);
        var open = await anybody.SendAsync("POST", "/api/payment/success/", AamarPayServer.Return(charge));
        open.Must(200);
        Assert.Equal("message transaction_id", open.Members);
        gateway.AamarPay.Become(Guid.ParseExact(charge.Fields["tran_id"], "N"), "Successful");
        var words = new { mer_txnid = open.Json.GetProperty("transaction_id").GetString(), pay_status = "Successful" };
        var paid = await anybody.PostAsync("/api/payment/success/", words);
        paid.Must(200);
        Assert.Equal("message transaction_id file_upload_endpoint", paid.Members);
        Assert.EndsWith("/api/upload/", paid.Json.GetProperty("file_upload_endpoint").GetString(), StringComparison.Ordinal);
        Assert.Equal("message", (await anybody.SendAsync("POST", "/api/payment/failure/", AamarPayServer.Return(charge))).Members);
        var cancelled = (await anybody.GetAsync("/api/payment/cancel/")).Must(200);
        Assert.Equal("cancelled", cancelled.GetProperty("status").GetString());
        var missing = await anybody.PostAsync("/api/payment/success/", new { });
        Assert.Equal((400, "mer_txnid"), (missing.Status, missing.Members));
        var unknown = await anybody.PostAsync("/api/payment/success/", new { mer_txnid = "PAY_abc123def456" });
        Assert.Equal((404, "detail"), (unknown.Status, unknown.Members));
        (await anybody.SendAsync("POST", "/api/payment/cancel/")).Must(405);
    }

    [Fact]
    public async Task Hole_1_a_forged_success_buys_nothing()
    {
        var user = await UserAsync();
        var charge = await InitiateAsync(user); // and nobody paid
        var forged = new FormUrlEncodedContent([
            new("mer_txnid", charge.Fields["tran_id"]),
            new("pay_status", "Successful"),
            new("cus_name", user.Username),
            new("amount", "100.00"),
        ]);
        Assert.Equal("message transaction_id", (await OldClient.Anonymous(app).SendAsync("POST", "/api/payment/success/", forged)).Members);
        (await UploadAsync(user)).Must(403);
        var short_ = await InitiateAsync(user);
        gateway.AamarPay.Become(Guid.ParseExact(short_.Fields["tran_id"], "N"), "Successful").Amount = "1.00"; // another amount
        (await OldClient.Anonymous(app).SendAsync("POST", "/api/payment/success/", AamarPayServer.Return(short_))).Must(200);
        (await UploadAsync(user)).Must(403);
    }

    [Fact]
    public async Task Hole_2_a_forged_failure_takes_nothing_and_a_replay_gives_nothing()
    {
        var user = await UserAsync();
        var transaction = await PayAsync(user);
        var anybody = OldClient.Anonymous(app);
        (await anybody.PostAsync("/api/payment/failure/", new { mer_txnid = transaction, cus_name = user.Username })).Must(200);
        (await anybody.PostAsync("/api/payment/success/", new { mer_txnid = transaction, pay_status = "Successful" })).Must(200);
        (await UploadAsync(user)).Must(201);
        (await UploadAsync(user)).Must(403);
        Assert.Single((await user.GetAsync("/api/activity/")).Json.EnumerateArray(), row => row.GetProperty("action").ValueEquals("payment"));
    }

    [Fact]
    public async Task Hole_3_activity_is_of_the_payer_whatever_name_comes_back()
    {
        var (user, other) = (await UserAsync(), await UserAsync());
        var charge = await InitiateAsync(user);
        gateway.AamarPay.Become(Guid.ParseExact(charge.Fields["tran_id"], "N"), "Successful");
        var named = new { mer_txnid = charge.Fields["tran_id"], cus_name = other.Username };
        (await OldClient.Anonymous(app).PostAsync("/api/payment/success/", named)).Must(200);
        Assert.Equal("[]", (await other.GetAsync("/api/activity/")).Text);
        (await OldClient.Anonymous(app).PostAsync("/api/payment/success/", named with { cus_name = "nobody" })).Must(200);
    }

    [Fact]
    public async Task Hole_4_of_many_uploads_at_once_one_takes_the_one_credit()
    {
        var user = await UserAsync();
        await PayAsync(user);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => UploadAsync(user, $"text number {i}")));
        Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.Must(403));
    }

    [Fact]
    public async Task Hole_5_a_bad_file_is_refused_or_fails_and_costs_nothing()
    {
        var user = await UserAsync();
        await PayAsync(user);
        var refused = await UploadAsync(user, "%PDF-1.7 and so on", "paper.pdf");
        Assert.Equal((400, "file"), (refused.Status, refused.Members));
        var none = await user.SendAsync("POST", "/api/upload/", new MultipartFormDataContent { { new StringContent("x"), "other" } });
        Assert.Equal((400, "file"), (none.Status, none.Members));
        (await UploadAsync(user)).Must(201); // the credit is still there
    }

    [Fact]
    public async Task Hole_6_return_addresses_are_not_of_the_host_header()
    {
        var user = await UserAsync();
        (await user.SendAsync("POST", "/api/initiate-payment/", null, ("X-Forwarded-Host", "evil.example"))).Must(200);
        var charge = gateway.AamarPay.Charges.OrderBy(one => one.Fields["tran_id"], StringComparer.Ordinal).Last();
        Assert.StartsWith("https://pay.example.org/", charge.Fields["success_url"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hole_7_nobody_is_made_by_strangers_with_a_weak_password_or_anothers_address()
    {
        var user = await UserAsync();
        var weak = new
        {
            username = "w" + user.Username,
            email = "w" + user.Username + "@example.com",
            mobile_number = "1",
            password = "1",
        };
        (await OldClient.Anonymous(app).PostAsync("/api/user/", weak)).Must(401);
        var refused = await OldClient.Anonymous(app).PostAsync("/api/register/", weak);
        Assert.Equal((400, "password"), (refused.Status, refused.Members));
        var doubled = await OldClient
            .Anonymous(app)
            .PostAsync("/api/register/", weak with { password = "securepassword123", email = user.Username + "@example.com" });
        Assert.Equal((400, "email"), (doubled.Status, doubled.Members));
    }

    [Fact]
    public async Task Hole_8_there_is_no_profiler() => (await OldClient.Anonymous(app).GetAsync("/silk/")).Must(404);
}
