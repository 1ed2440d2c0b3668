using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Ledger;
using Microsoft.Extensions.Configuration;

namespace Florin.Tests.Demo;

public sealed class DemoTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_servers_that_start_at_once_and_again_make_everybody_once()
    {
        await using var first = new FlorinApp();
        await first.InitializeAsync();
        first.Settings["FLORIN_DEMO"] = "true";
        var both = await Task.WhenAll(Task.Run(first.SecondServerAsync, Cancel), Task.Run(first.SecondServerAsync, Cancel));
        await using var second = both[0];
        await using var third = both[1];
        await using var fourth = await first.SecondServerAsync();
        Assert.Equal(6, await first.Database.ScalarAsync<long>("select count(*) from identity.people"));
        Assert.Equal(18, await first.Database.ScalarAsync<long>("select count(*) from wallets.wallets"));
        Assert.Equal(-3_000_000_00, await first.Database.ScalarAsync<long>("select balance from ledger.accounts where code = 'gateway:sandbox:KZT'"));
        Assert.Equal(-6_000_00, await first.Database.ScalarAsync<long>("select balance from ledger.accounts where code = 'gateway:sandbox:USD'"));
        await Book.CheckCleanAsync(first);
    }

    [Fact]
    public async Task Alice_signs_in_and_pays_bob_with_her_pin()
    {
        await using var app = new FlorinApp { Settings = { ["FLORIN_DEMO"] = "true" } };
        await app.InitializeAsync();
        var alice = await SignInAsync(app, "alice");
        var bob = await SignInAsync(app, "bob@example.com");
        var from = (await GetAsync(app, alice, "/v1/wallets")).GetProperty("data")[0];
        var to = (await GetAsync(app, bob, "/v1/wallets")).GetProperty("data")[0];
        Assert.Equal("500000.00", from.GetProperty("balance").GetProperty("amount").GetString());

        using var pay = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/wallets/{from.GetProperty("id").GetString()}/transfers", UriKind.Relative));
        pay.Headers.Authorization = new AuthenticationHeaderValue("Bearer", alice);
        pay.Headers.Add("Idempotency-Key", "lunch");
        pay.Content = JsonContent.Create(
            new
            {
                to = to.GetProperty("number").GetString(),
                amount = new { amount = "1500.00", currency = "KZT" },
                pin = "1234",
            }
        );
        using var paid = await app.Http.SendAsync(pay, Cancel);
        Assert.True(paid.IsSuccessStatusCode, await paid.Content.ReadAsStringAsync(Cancel));
        var now = (await GetAsync(app, bob, "/v1/wallets")).GetProperty("data")[0];
        Assert.Equal("501500.00", now.GetProperty("balance").GetProperty("amount").GetString());
    }

    [Fact]
    public async Task The_people_are_left_alone_when_the_keys_are_forgotten()
    {
        await using var app = new FlorinApp { Settings = { ["FLORIN_DEMO"] = "true" } };
        await app.InitializeAsync();
        await app.Database.ScalarAsync<int>("delete from platform.idempotency");
        await using var later = await app.SecondServerAsync();
        Assert.Equal(6, await app.Database.ScalarAsync<long>("select count(*) from identity.people"));
        Assert.Equal(18, await app.Database.ScalarAsync<long>("select count(*) from wallets.wallets"));
    }

    [Theory]
    [InlineData("live", false)]
    [InlineData("sandbox", true)]
    public void Live_mode_has_no_demo_people(string mode, bool demo)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal) { ["FLORIN_MODE"] = mode, ["FLORIN_DEMO"] = "true" };
        Assert.Equal(demo, new Settings(new ConfigurationBuilder().AddInMemoryCollection(values).Build()).Demo);
    }

    private static async Task<string> SignInAsync(FlorinApp app, string login)
    {
        using var answer = await app.Http.PostAsJsonAsync(new Uri("/v1/sessions", UriKind.Relative), new { login, password = "florin-demo-pass" }, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("access_token").GetString()!;
    }

    private static async Task<JsonElement> GetAsync(FlorinApp app, string token, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await app.Http.SendAsync(request, Cancel);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }
}
