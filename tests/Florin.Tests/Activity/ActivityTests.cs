using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Activity;

public sealed class ActivityTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_person_reads_their_own_and_nobody_elses()
    {
        var alice = await SignedIn.AsAsync(app);
        var bob = await SignedIn.AsAsync(app);
        var rows = await ListAsync(alice, "/v1/me/activity");
        Assert.Contains(rows, row => row.GetProperty("action").ValueEquals("identity.signed_in"));
        Assert.All(rows, row => Assert.Equal(Ids.Show("usr", alice.Id), row.GetProperty("subject").GetString()));
        Assert.All(await ListAsync(bob, "/v1/me/activity"), row => Assert.Equal(Ids.Show("usr", bob.Id), row.GetProperty("subject").GetString()));
    }

    [Fact]
    public async Task Staff_read_all_of_it_by_person_and_action_and_others_are_refused()
    {
        var alice = await SignedIn.AsAsync(app);
        var auditor = await SignedIn.AsAsync(app, Roles.Auditor);
        var rows = await ListAsync(auditor, $"/v1/activity?person={Ids.Show("usr", alice.Id)}&action=identity.signed_in");
        Assert.Equal(Ids.Show("usr", alice.Id), Assert.Single(rows).GetProperty("actor").GetString());
        Assert.NotNull(rows[0].GetProperty("address").GetString());
        Assert.NotNull(rows[0].GetProperty("request_id").GetString());

        Assert.Equal(HttpStatusCode.Forbidden, (await alice.Http.GetAsync(new Uri("/v1/activity", UriKind.Relative), Cancel)).StatusCode);
        var refused = await ListAsync(auditor, $"/v1/activity?person={Ids.Show("usr", alice.Id)}&action=identity.right_refused");
        Assert.Equal("/v1/activity", Assert.Single(refused).GetProperty("details").GetProperty("route").GetString());
    }

    [Fact]
    public async Task Pages_follow_one_another_without_a_gap()
    {
        var alice = await SignedIn.AsAsync(app);
        for (var i = 0; i < 4; i++)
        {
            await alice.Http.GetAsync(new Uri("/v1/activity", UriKind.Relative), Cancel);
        }

        var all = await ListAsync(alice, "/v1/me/activity");
        var first = await alice.Http.GetFromJsonAsync<JsonElement>("/v1/me/activity?limit=2", Cancel);
        var second = await ListAsync(alice, "/v1/me/activity?limit=100&cursor=" + first.GetProperty("next_cursor").GetString());
        Assert.Equal(
            all.Select(row => row.GetProperty("id").GetString()),
            first.GetProperty("data").EnumerateArray().Concat(second).Select(row => row.GetProperty("id").GetString())
        );
    }

    private static async Task<List<JsonElement>> ListAsync(SignedIn who, string path) =>
        [.. (await who.Http.GetFromJsonAsync<JsonElement>(path, Cancel)).GetProperty("data").EnumerateArray()];
}
