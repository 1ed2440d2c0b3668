using System.Diagnostics;
using System.Net;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Tests.Identity;

public sealed class SessionTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task A_refresh_token_is_replaced_at_every_use()
    {
        var first = await app.Http.RegisterAsync(Calls.Fresh("rot"));
        var second = await RefreshAsync(first.Refresh);
        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.NotEqual(first.Refresh, second.Refresh);
        Assert.Equal(first.Text("session_id"), second.Text("session_id"));
        var third = await RefreshAsync(second.Refresh);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/sessions", third.Access)).Status);
    }

    [Fact]
    public async Task A_used_refresh_token_that_comes_back_ends_the_whole_session()
    {
        var first = await app.Http.RegisterAsync(Calls.Fresh("reuse"));
        var second = await RefreshAsync(first.Refresh);
        Assert.Equal((HttpStatusCode.Unauthorized, "refresh_token_not_valid"), await StatusAsync(RefreshAsync(first.Refresh)));
        Assert.Equal((HttpStatusCode.Unauthorized, "refresh_token_not_valid"), await StatusAsync(RefreshAsync(second.Refresh)));
        Assert.Equal((HttpStatusCode.Unauthorized, "not_signed_in"), await StatusAsync(app.Http.GetAsync("/v1/sessions", second.Access)));
    }

    [Fact]
    public async Task Of_20_that_refresh_at_once_at_most_one_succeeds_and_the_session_ends()
    {
        for (var round = 0; round < 5; round++)
        {
            var first = await app.Http.RegisterAsync(Calls.Fresh("race"));
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RefreshAsync(first.Refresh)));
            var winner = Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.Equal(19, answers.Count(answer => string.Equals(answer.Code, "refresh_token_not_valid", StringComparison.Ordinal)));
            Assert.Equal(HttpStatusCode.Unauthorized, (await RefreshAsync(winner.Refresh)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/sessions", winner.Access)).Status);
        }
    }

    [Fact]
    public async Task An_unknown_refresh_token_is_refused()
    {
        Assert.Equal("refresh_token_not_valid", (await RefreshAsync("flr_" + new string('a', 43))).Code);
        Assert.Equal(HttpStatusCode.BadRequest, (await RefreshAsync(new string('a', 5000))).Status);
    }

    [Fact]
    public async Task Signing_out_ends_this_session_and_no_other()
    {
        var name = Calls.Fresh("out");
        var one = await app.Http.RegisterAsync(name);
        var two = await app.Http.SignInAsync(name);
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync("current", one.Access)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/sessions", one.Access)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await RefreshAsync(one.Refresh)).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/sessions", two.Access)).Status);
    }

    [Fact]
    public async Task A_person_sees_their_sessions_and_ends_another_of_them()
    {
        var name = Calls.Fresh("list");
        var one = await app.Http.RegisterAsync(name);
        var two = await app.Http.SignInAsync(name);
        var listed = (await app.Http.GetAsync("/v1/sessions", one.Access)).Body.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal([two.Text("session_id"), one.Text("session_id")], listed.Select(session => session.GetProperty("id").GetString()));
        Assert.Equal([false, true], listed.Select(session => session.GetProperty("current").GetBoolean()));

        var page = await app.Http.GetAsync("/v1/sessions?limit=1", one.Access);
        var next = await app.Http.GetAsync("/v1/sessions?limit=1&cursor=" + page.Text("next_cursor"), one.Access);
        Assert.Equal(one.Text("session_id"), next.Body.GetProperty("data")[0].GetProperty("id").GetString());

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(two.Text("session_id")!, one.Access)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/sessions", two.Access)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync(two.Text("session_id")!, one.Access)).Status);
    }

    [Fact]
    public async Task Another_persons_session_is_not_there()
    {
        var mine = await app.Http.RegisterAsync(Calls.Fresh("mine"));
        var theirs = await app.Http.RegisterAsync(Calls.Fresh("theirs"));
        Assert.Equal((HttpStatusCode.NotFound, "not_found"), await StatusAsync(DeleteAsync(theirs.Text("session_id")!, mine.Access)));
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync("nonsense", mine.Access)).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/sessions", theirs.Access)).Status);
    }

    [Fact]
    public async Task A_revoked_session_is_refused_on_another_server_within_a_second()
    {
        await using var second = await app.SecondServerAsync();
        for (var round = 0; round < 3; round++)
        {
            var me = await app.Http.RegisterAsync(Calls.Fresh("two"));
            Assert.Equal(HttpStatusCode.OK, (await second.Http.GetAsync("/v1/sessions", me.Access)).Status);
            Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync("current", me.Access)).Status);
            var since = Stopwatch.StartNew();
            while ((await second.Http.GetAsync("/v1/sessions", me.Access)).Status == HttpStatusCode.OK)
            {
                Assert.True(since.Elapsed < TimeSpan.FromSeconds(60), "the other server never learnt of it");
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"refused after {since.ElapsedMilliseconds} ms");
            Assert.Equal(HttpStatusCode.Unauthorized, (await second.Http.GetAsync("/v1/sessions", me.Access)).Status);
        }
    }

    [Fact]
    public async Task A_server_that_starts_knows_what_was_revoked_before()
    {
        var me = await app.Http.RegisterAsync(Calls.Fresh("late"));
        await DeleteAsync("current", me.Access);
        await using var second = await app.SecondServerAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await second.Http.GetAsync("/v1/sessions", me.Access)).Status);
    }

    [Fact]
    public async Task A_revocation_that_commits_late_is_not_missed()
    {
        var me = await app.Http.RegisterAsync(Calls.Fresh("slow"));
        Ids.TryRead("ses", me.Text("session_id"), out var session);
        await using var second = await app.SecondServerAsync();

        // The transaction gets its number now and commits after others, which the second server reads meanwhile.
        await using var connection = new Npgsql.NpgsqlConnection(app.Database.SuperuserConnection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
#pragma warning disable RS0030 // a transaction of a stranger's
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
#pragma warning restore RS0030
        await using var end = new Npgsql.NpgsqlCommand(
            "update identity.sessions set revoked_at = now(), revoked_in = pg_current_xact_id(), revoke_reason = 'test' where id = $1",
            connection
        );
        end.Parameters.Add(new() { Value = session });
        await end.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 2; i++)
        {
            var other = await app.Http.RegisterAsync(Calls.Fresh("meanwhile"));
            await DeleteAsync("current", other.Access);
            await UntilRefusedAsync(second, other.Access);
        }

        Assert.Equal(HttpStatusCode.OK, (await second.Http.GetAsync("/v1/sessions", me.Access)).Status);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        await UntilRefusedAsync(second, me.Access);
    }

    [Fact]
    public async Task Ending_all_sessions_but_one_leaves_that_one()
    {
        var name = Calls.Fresh("all");
        var one = await app.Http.RegisterAsync(name);
        var two = await app.Http.SignInAsync(name);
        Ids.TryRead("usr", one.Body.GetProperty("person").GetProperty("id").GetString(), out var person);
        Ids.TryRead("ses", two.Text("session_id"), out var stays);
        await app.Get<Sessions>().RevokeAllAsync(person, stays, "role_changed", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/sessions", one.Access)).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/sessions", two.Access)).Status);
    }

    private static async Task UntilRefusedAsync(FlorinApp server, string token)
    {
        var since = Stopwatch.StartNew();
        while ((await server.Http.GetAsync("/v1/sessions", token)).Status == HttpStatusCode.OK)
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(60), "the other server never learnt of it");
        }
    }

    private Task<Got> RefreshAsync(string token) => app.Http.PostAsync("/v1/sessions/refresh", new { refresh_token = token });

    private Task<Got> DeleteAsync(string session, string token) => app.Http.SendAsync(HttpMethod.Delete, "/v1/sessions/" + session, token: token);

    private static async Task<(HttpStatusCode Status, string? Code)> StatusAsync(Task<Got> call)
    {
        var got = await call;
        return (got.Status, got.Code);
    }
}

/// <summary>Apart, since they wind the clock.</summary>
public sealed class SessionTimeTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task An_access_token_lives_an_hour_and_a_refresh_token_a_week()
    {
        var first = await app.Http.RegisterAsync(Calls.Fresh("week"));
        app.Clock.Wind(TimeSpan.FromMinutes(61));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.GetAsync("/v1/sessions", first.Access)).Status);
        app.Clock.Wind(TimeSpan.FromDays(6.9));
        var second = await app.Http.PostAsync("/v1/sessions/refresh", new { refresh_token = first.Refresh });
        Assert.Equal(HttpStatusCode.OK, second.Status);
        app.Clock.Wind(TimeSpan.FromDays(7.1));
        Assert.Equal("refresh_token_not_valid", (await app.Http.PostAsync("/v1/sessions/refresh", new { refresh_token = second.Refresh })).Code);

        // What ended long ago is tidied away; the person stays.
        app.Clock.Wind(TimeSpan.FromDays(31));
        await TidySignIns.Job.RunAsync(app.Services, TestContext.Current.CancellationToken);
        Assert.Equal(
            0L,
            await app.Database.ScalarAsync<long>("select (select count(*) from identity.sessions) + (select count(*) from identity.refresh_tokens)")
        );
        Assert.True(await app.Database.ScalarAsync<long>("select count(*) from identity.people") > 0);
    }
}
