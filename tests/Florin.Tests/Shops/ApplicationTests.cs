using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Wallets;

namespace Florin.Tests.Shops;

/// <summary>What an admin does with applications, which wait in live mode only: these are put into the table.</summary>
public sealed class ApplicationTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task An_admin_approves_once_and_the_person_is_a_merchant_with_a_shop()
    {
        var person = await SignedIn.AsAsync(app);
        var admin = await Customer.NewAsync(app, roles: [Roles.Admin]);
        var path = await ApplyAsync(app, person.Id);
        (await admin.PostAsync(path + "/approve", """{"note":"welcome"}""", "one")).Must(200);
        Assert.True((await admin.PostAsync(path + "/approve", """{"note":"welcome"}""", "one")).Replayed);
        (await admin.PostAsync(path + "/approve", "{}")).MustRefuse(409, "application_decided");
        (await admin.PostAsync(path + "/refuse", "{}")).MustRefuse(409, "application_decided");
        Assert.Contains(Roles.Merchant, (await person.NowAsync()).Roles);
        Assert.Single((await SignedIn.Json(await person.GetAsync("/v1/shops"))).At("data").EnumerateArray());
        Assert.Contains("shops.application_approved", await person.ActivityAsync(), StringComparison.Ordinal);
        await app.Database.WaitAsync($"select exists (select from notifications.messages where recipient = '{person.Person.Email}')");
    }

    [Fact]
    public async Task An_admin_refuses_and_nothing_else_happens()
    {
        var person = await SignedIn.AsAsync(app);
        var admin = await Customer.NewAsync(app, roles: [Roles.Admin]);
        var path = await ApplyAsync(app, person.Id);
        var refused = (await admin.PostAsync(path + "/refuse", """{"note":"which goods?"}""")).Must(200);
        Assert.Equal(("refused", "which goods?"), (refused.Text("state"), refused.Text("note")));
        Assert.DoesNotContain(Roles.Merchant, (await person.NowAsync()).Roles);
        Assert.Empty((await SignedIn.Json(await person.GetAsync("/v1/shops"))).At("data").EnumerateArray());
        Assert.Equal("refused", (await SignedIn.Json(await person.GetAsync("/v1/shop-applications"))).At("data")[0].Text("state"));
    }

    [Fact]
    public async Task Of_fifty_approvals_and_refusals_at_once_one_counts()
    {
        var person = await SignedIn.AsAsync(app);
        var admin = await Customer.NewAsync(app, roles: [Roles.Admin]);
        var path = await ApplyAsync(app, person.Id);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => admin.PostAsync(path + (i % 2 == 0 ? "/approve" : "/refuse"), "{}")));
        var done = Assert.Single(answers, answer => answer.Status == 200).Must(200).Text("state");
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.MustRefuse(409, "application_decided"));
        Assert.Equal(done is "approved" ? 1 : 0, await app.Database.ScalarAsync<long>("select count(*) from shops.shops where owner = $1", person.Id));
    }

    [Fact]
    public async Task Nobody_approves_their_own_and_only_staff_see_those_of_others()
    {
        var admin = await Customer.NewAsync(app, roles: [Roles.Admin]);
        var person = await Customer.NewAsync(app);
        (await admin.PostAsync(await ApplyAsync(app, admin.Id) + "/approve", "{}")).MustRefuse(409, "own_roles");
        var path = await ApplyAsync(app, person.Id);
        (await person.PostAsync(path + "/approve", "{}")).MustRefuse(403, "forbidden");
        (await person.GetAsync("/v1/shop-applications?all=true")).MustRefuse(403, "forbidden");
        var auditor = await Customer.NewAsync(app, roles: [Roles.Auditor]);
        var all = (await auditor.GetAsync("/v1/shop-applications?all=true&state=pending")).Must(200).At("data").EnumerateArray();
        Assert.Contains(all, one => path.EndsWith(one.Text("id"), StringComparison.Ordinal));
    }

    internal static async Task<string> ApplyAsync(FlorinApp app, Guid person)
    {
        var id = Ids.New();
        await app.Database.ScalarAsync<int>(
            "insert into shops.applications (id, person_id, name, created_at, state) values ($1, $2, 'Corner Shop', now(), 'pending')",
            id,
            person
        );
        return "/v1/shop-applications/" + Ids.Show("sap", id);
    }
}
