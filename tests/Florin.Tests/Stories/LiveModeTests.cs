using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Florin.Bench;
using Florin.Tests.Identity;
using Florin.Tests.Notifications;
using Npgsql;

namespace Florin.Tests.Stories;

/// <summary>The real program in live mode on a durable cluster: what is refused at the start, and the way from an empty database to the first admin.</summary>
public sealed partial class LiveModeTests(LiveModeTests.Cluster cluster) : IClassFixture<LiveModeTests.Cluster>
{
    private const string Password = "correct horse battery staple";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_starts_neither_with_a_weak_secret_nor_on_a_database_that_is_not_safe()
    {
        await using var fast = await TestDatabase.CreateAsync(); // ./test's own cluster, which has fsync off
        var (noSecret, weakSecret, knownSecret, mayAlter, notDurable) = (
            FlorinCommand.RunAsync("serve", cluster.Settings, ("FLORIN_SECRET_KEY", "")),
            FlorinCommand.RunAsync("serve", cluster.Settings, ("FLORIN_SECRET_KEY", new string('x', 64))),
            FlorinCommand.RunAsync("serve", cluster.Settings, ("FLORIN_SECRET_KEY", "django-insecure-4y$k2!m(q8w^e0r5t7u9i3o1p6a_s")),
            FlorinCommand.RunAsync("serve", cluster.Settings, ("FLORIN_DATABASE", cluster.Settings["FLORIN_DATABASE_OWNER"])),
            FlorinCommand.RunAsync("serve", cluster.Settings, ("FLORIN_DATABASE", fast.Connection), ("FLORIN_DATABASE_OWNER", ""))
        );
        Refuses(await noSecret, "FLORIN_SECRET_KEY");
        Refuses(await weakSecret, "FLORIN_SECRET_KEY");
        Refuses(await knownSecret, "FLORIN_SECRET_KEY");
        Refuses(await mayAlter, "The server's database role can alter tables");
        Refuses(await notDurable, "PostgreSQL runs with fsync, full_page_writes, synchronous_commit off");
        Refuses(await FlorinCommand.RunAsync("serve", cluster.Settings, ("FLORIN_PASSWORD_ITERATIONS", "1000")), "FLORIN_PASSWORD_ITERATIONS");
        await cluster.AlterAsync("alter role florin set synchronous_commit = off");
        Refuses(await FlorinCommand.RunAsync("serve", cluster.Settings), "PostgreSQL runs with synchronous_commit off");
        await cluster.AlterAsync("alter role florin reset synchronous_commit");
    }

    [Fact]
    public async Task Its_first_person_proves_an_address_by_mail_and_becomes_admin_by_the_token_of_the_console_and_no_money_comes_from_nowhere()
    {
        await using var mails = new SmallMailServer();
        var settings = new Dictionary<string, string>(cluster.Settings, StringComparer.Ordinal)
        {
            ["FLORIN_SMTP_HOST"] = "127.0.0.1",
            ["FLORIN_SMTP_PORT"] = mails.Port.ToString(CultureInfo.InvariantCulture),
            ["FLORIN_SMTP_TLS"] = "off",
            ["FLORIN_KNOWN_PROXIES"] = "127.0.0.1",
        };
        await using var server = await ServerProcess.StartAsync(ServerProcess.FreePort(), settings);
        using var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");

        var started = await http.PostAsync(
            "/v1/registrations",
            new
            {
                username = "ada",
                email = "ada@example.org",
                password = Password,
            }
        );
        Assert.Equal((HttpStatusCode.Accepted, true), (started.Status, Hides(started)));
        var me = await http.VerifyAsync(started, Code().Match(await mails.NextAsync()).Value);
        Assert.Equal(HttpStatusCode.Created, me.Status);
        Assert.Contains("Subject: Welcome", await mails.NextAsync(), StringComparison.Ordinal);
        Assert.Equal("max-age=31536000", me.Message.Headers.GetValues("Strict-Transport-Security").Single());
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/v1/users", me.Access)).Status);

        var printed = await FlorinCommand.RunAsync("admin-token", settings);
        Assert.Equal(0, printed.ExitCode);
        var claim = new { token = printed.Output.Trim(), password = Password };
        Assert.Equal(HttpStatusCode.NoContent, (await http.PostAsync("/v1/admin-claims", claim, me.Access)).Status);
        var admin = await WithSecondFactorAsync(http, await http.SignInAsync("ada", Password));
        Assert.Contains("Subject: One-time codes are on", await mails.NextAsync(), StringComparison.Ordinal);
        Assert.Equal("wrong_admin_token", (await http.PostAsync("/v1/admin-claims", claim, admin.Access)).Code);

        // Nobody else is there, and nothing of the sandbox.
        var people = (await http.GetAsync("/v1/users", admin.Access)).Body.GetProperty("data").EnumerateArray();
        Assert.Equal(["ada"], people.Select(person => person.GetProperty("username").GetString()));
        Assert.Equal("sign_in_failed", (await http.SignInAsync("alice", "alice-demo-password")).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/dev/outbox", token: null)).Status);
        Assert.True(Hides(await http.PostAsync("/v1/password-resets", new { login = "ada" })));
        Assert.Matches(Code(), await mails.NextAsync());
        Assert.True(Hides(await http.PostAsync("/v1/me/password", new { current_password = Password, new_password = Password + "!" }, admin.Access)));

        http.DefaultRequestHeaders.Authorization = new("Bearer", admin.Access);
        var wallet = await SignedIn.Json(await SignedIn.SendAsync(http, "POST", "/v1/wallets", new { currency = "KZT" }));
        var tenTenge = new { amount = new { amount = "10.00", currency = "KZT" } };
        var topUp = await SignedIn.SendAsync(http, "POST", $"/v1/wallets/{wallet.GetProperty("id").GetString()}/deposits", tenTenge);
        Assert.Equal(HttpStatusCode.Accepted, topUp.StatusCode); // nobody mints money: it is to be paid, and no method is connected yet
        var toPay = await SignedIn.Json(topUp);
        Assert.Equal("pending", toPay.GetProperty("state").GetString());
        var payment = await SignedIn.Json(await http.GetAsync(new Uri("/v1/payments/" + toPay.GetProperty("payment").GetString(), UriKind.Relative), Cancel));
        Assert.DoesNotContain("sandbox", payment.GetProperty("methods").EnumerateArray().Select(method => method.GetString()));
        await OldClientsPayFirstAsync(http);
        var shop = new { name = "Corner Shop" };
        Assert.Equal(HttpStatusCode.Accepted, (await SignedIn.SendAsync(http, "POST", "/v1/shops", shop)).StatusCode); // an admin looks at it first
        Assert.Equal("application_pending", await SignedIn.Refusal(await SignedIn.SendAsync(http, "POST", "/v1/shops", shop)));
        var verified = await FlorinCommand.RunAsync("verify", settings);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
    }

    // Seeds 1, 2 and 5 made money of nothing: here it is 402 with the page of a payment of that amount, which offers no method of the sandbox.
    private static async Task OldClientsPayFirstAsync(HttpClient http)
    {
        var wallet = await SignedIn.Json(await http.GetAsync(new Uri("/api/wallet/", UriKind.Relative), Cancel));
        Assert.Equal("0.00", wallet.GetProperty("balance").GetString());
        await PayFirstAsync("/api/wallet/add/", new { amount = "100.50" }, "100.50");
        var own = (await SignedIn.Json(await http.GetAsync(new Uri("/users/wallets/", UriKind.Relative), Cancel))).EnumerateArray();
        var usd = own.Single(one => one.GetProperty("amount_currency").GetString() is "USD").GetProperty("id").GetInt64();
        await PayFirstAsync(string.Create(CultureInfo.InvariantCulture, $"/users/wallets/{usd}/deposit/"), new { amount = "7.25" }, "7.25");
        object[] prices = [new { amount = "12.50", currency = "USD" }];
        var type = new
        {
            code = "exam_results",
            name = "Exam Results",
            prices,
        };
        Assert.Equal(HttpStatusCode.Created, (await SignedIn.SendAsync(http, "POST", "/v1/voucher-types", type)).StatusCode);
        var types = await SignedIn.Json(await http.GetAsync(new Uri("/api/vouchers/types/", UriKind.Relative), Cancel));
        var id = types.GetProperty("results")[0].GetProperty("id").GetInt64();
        await PayFirstAsync("/api/vouchers/purchase/", new { voucher_type_id = id, quantity = 2 }, "25.00");
        wallet = await SignedIn.Json(await http.GetAsync(new Uri("/api/wallet/", UriKind.Relative), Cancel));
        Assert.Equal("0.00", wallet.GetProperty("balance").GetString());

        async Task PayFirstAsync(string path, object body, string amount)
        {
            using var refused = await SignedIn.SendAsync(http, "POST", path, body);
            var said = JsonSerializer.Deserialize<JsonElement>(await refused.Content.ReadAsStringAsync(Cancel));
            Assert.Equal((HttpStatusCode.PaymentRequired, "pay_first"), (refused.StatusCode, refused.Headers.GetValues("Refusal-Code").Single()));
            Assert.Equal(["error", "payment_url"], said.EnumerateObject().Select(member => member.Name));
            var address = new Uri(said.GetProperty("payment_url").GetString()!);
            Assert.Equal(http.BaseAddress!.Port, address.Port);
            var page = await http.GetStringAsync(new Uri(address.AbsolutePath, UriKind.Relative), Cancel);
            Assert.Contains(amount, page, StringComparison.Ordinal);
            Assert.DoesNotContain("value=\"sandbox\"", page, StringComparison.Ordinal);
        }
    }

    // Staff have no rights of staff here before they proved a second factor.
    private static async Task<Got> WithSecondFactorAsync(HttpClient http, Got session)
    {
        Assert.Equal("second_factor_needed", (await http.GetAsync("/v1/users", session.Access)).Code);
        var secret = (await http.PostAsync("/v1/me/totp", new { }, session.Access)).Text("secret")!;
        Assert.True(Florin.Identity.Base32.TryDecode(secret, out var bytes));
        var code = Florin.Identity.Totp.Code(bytes, Florin.Identity.Totp.StepAt(TimeProvider.System.GetUtcNow()));
        Assert.Equal(HttpStatusCode.OK, (await http.PostAsync("/v1/me/totp/confirm", new { code }, session.Access)).Status);
        return await http.PostAsync("/v1/sessions/refresh", new { refresh_token = session.Refresh });
    }

    private static void Refuses(FlorinCommand start, string why)
    {
        Assert.NotEqual(0, start.ExitCode);
        Assert.Contains(why, start.Errors, StringComparison.Ordinal);
    }

    private static bool Hides(Got answer) => answer.Body.ValueKind == JsonValueKind.Object && string.IsNullOrEmpty(answer.Text("sandbox_code"));

    [GeneratedRegex(@"\b[0-9]{6}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Code();

    /// <summary>A durable cluster with the settings of a live server.</summary>
    public sealed class Cluster : IAsyncLifetime
    {
        private PrivateCluster? postgres;

        public IReadOnlyDictionary<string, string> Settings => postgres!.Settings;

        public async ValueTask InitializeAsync()
        {
            postgres = await PrivateCluster.StartAsync();
            postgres.Settings["FLORIN_MODE"] = "live";
            postgres.Settings["FLORIN_SECRET_KEY"] = Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");
            postgres.Settings["FLORIN_FX_URL"] = "http://127.0.0.1:9"; // nobody's
            var migrated = await FlorinCommand.RunAsync("migrate", Settings);
            Assert.True(migrated.ExitCode == 0, migrated.Errors);
        }

        public async Task AlterAsync(string sql)
        {
            await using var source = NpgsqlDataSource.Create(Settings["FLORIN_DATABASE_SUPERUSER"]);
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(Cancel);
        }

        public ValueTask DisposeAsync() => postgres is null ? default : postgres.DisposeAsync();
    }
}
