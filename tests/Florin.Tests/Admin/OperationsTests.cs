using System.Net;
using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Admin;

/// <summary>What staff see of the installation and may set going: jobs, queues, the gateways' inbox, settings, health.</summary>
public sealed class OperationsTests(OperationsTests.Server server) : IClassFixture<OperationsTests.Server>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_admin_has_a_job_run_now_on_the_server_that_runs_jobs_and_everybody_sees_how_it_ended()
    {
        var admin = await SignedIn.AsAsync(server.App, Roles.Admin);
        var auditor = await SignedIn.AsAsync(server.App, Roles.Auditor);
        Assert.Equal("forbidden", await SignedIn.Refusal(await auditor.SendAsync("POST", "/v1/operations/jobs/tests.good/run")));
        Assert.Equal("not_found", await SignedIn.Refusal(await admin.SendAsync("POST", "/v1/operations/jobs/tests.none/run")));
        var before = await JobAsync(auditor, "tests.good");
        Assert.Equal((2099, JsonValueKind.Null), (before.GetProperty("next_at").GetDateTimeOffset().Year, before.GetProperty("started_at").ValueKind));

        Assert.Equal(HttpStatusCode.Accepted, (await admin.SendAsync("POST", "/v1/operations/jobs/tests.good/run")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await admin.SendAsync("POST", "/v1/operations/jobs/tests.bad/run")).StatusCode);
        await server.App.Database.WaitAsync("select count(*) = 2 from platform.job_runs where name like 'tests.%' and ended_at is not null");
        Assert.Equal(1, server.Runs);
        var good = await JobAsync(auditor, "tests.good");
        Assert.Equal(("completed", JsonValueKind.Null), (good.GetProperty("outcome").GetString(), good.GetProperty("requested_at").ValueKind));
        var bad = await JobAsync(auditor, "tests.bad");
        Assert.Equal(("failed", 1), (bad.GetProperty("outcome").GetString(), bad.GetProperty("failures").GetInt32()));
        Assert.Contains("a job that fails", bad.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("identity.signed_in operations.job_requested operations.job_requested", await admin.ActivityAsync());
        // The overview tells of the same.
        var house = await SignedIn.Json(await auditor.GetAsync("/v1/house"));
        var failed = Assert.Single(house.GetProperty("jobs").GetProperty("failed").EnumerateArray());
        Assert.Equal(bad.GetRawText(), failed.GetRawText());
        Assert.Equal(0, house.GetProperty("jobs").GetProperty("overdue").GetInt32());
        Assert.Contains(
            "jobs,tests.bad,,failures,1",
            await (await auditor.GetAsync("/v1/house?format=csv")).Content.ReadAsStringAsync(Cancel),
            StringComparison.Ordinal
        );
        var health = await SignedIn.Json(await auditor.GetAsync("/v1/operations/health"));
        Assert.Contains("tests.bad", PartOf(health, "Jobs").GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("PostgreSQL", PartOf(health, "Database").GetProperty("detail").GetString(), StringComparison.Ordinal);
        // A job that was due and that nobody began is late; nothing runs it here, as its trigger is held.
        await server.App.Database.ScalarAsync<int>(
            "update jobs.qrtz_triggers set trigger_state = 'PAUSED', next_fire_time = next_fire_time - 10000000 * 86400::bigint * 40000 where trigger_name = 'tests.good'"
        );
        house = await SignedIn.Json(await auditor.GetAsync("/v1/house"));
        Assert.Equal(1, house.GetProperty("jobs").GetProperty("overdue").GetInt32());
        Assert.Equal("0001_platform.sql", health.GetProperty("migrations").EnumerateArray().Last().GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_queue_counts_its_own_events_and_the_overview_says_the_same()
    {
        var auditor = await SignedIn.AsAsync(server.App, Roles.Auditor);
        await server.App.Database.ScalarAsync<int>(
            """
            insert into platform.outbox (topic, aggregate, payload, audience)
            select case when i = 2 then 'tests.others' else 'tests.own' end, gen_random_uuid(), '{}', '{}' from generate_series(1, 3) i
            """
        );
        await server.Held.Task.WaitAsync(Cancel); // it has begun, and its place is kept when it is done
        var queue = await OneAsync("/v1/operations/outbox", "consumers");
        Assert.Equal((2, 0, 0), (queue.GetProperty("waiting").GetInt32(), queue.GetProperty("parked").GetInt32(), queue.GetProperty("dead").GetInt32()));
        Assert.Equal(queue.GetRawText(), (await OneAsync("/v1/house", "queues")).GetRawText());
        server.LetGo.SetResult();

        async Task<JsonElement> OneAsync(string path, string part) =>
            (await SignedIn.Json(await auditor.GetAsync(path)))
                .GetProperty(part)
                .EnumerateArray()
                .Single(one => one.GetProperty("consumer").GetString() is "tests.held");
    }

    [Fact]
    public async Task A_wish_is_taken_by_one_of_many_servers()
    {
        var runs = server.Idle.Get<JobRuns>();
        await using (var batch = server.Idle.Get<Database>().Source.CreateBatch())
        {
            batch.BatchCommands.Add(runs.Request("tests.idle")!);
            await batch.ExecuteNonQueryAsync(Cancel);
        }

        var taken = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => runs.TakeRequestsAsync(Cancel)));
        Assert.Equal("tests.idle", taken.SelectMany(names => names).Single());
    }

    [Fact]
    public async Task Settings_say_where_they_come_from_and_never_a_secret()
    {
        var admin = await SignedIn.AsAsync(server.App, Roles.Admin);
        var support = await SignedIn.AsAsync(server.App, Roles.Support, Roles.Finance, Roles.Auditor);
        Assert.Equal("forbidden", await SignedIn.Refusal(await support.GetAsync("/v1/operations/settings")));
        var answer = await (await admin.GetAsync("/v1/operations/settings")).Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotContain("a test secret", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(TestDatabase.Server, answer, StringComparison.Ordinal); // the role, and its password
        Assert.DoesNotContain("hidden", answer, StringComparison.Ordinal);
        var settings = JsonSerializer
            .Deserialize<JsonElement>(answer)
            .GetProperty("data")
            .EnumerateArray()
            .ToDictionary(one => one.GetProperty("name").GetString()!, StringComparer.Ordinal);
        Assert.Equal(JsonValueKind.Null, settings["FLORIN_SECRET_KEY"].GetProperty("value").ValueKind);
        Assert.True(settings["FLORIN_SECRET_KEY"].GetProperty("is_set").GetBoolean());
        Assert.Equal("https://…@sms.example.org/send?…", settings["FLORIN_SMS_URL"].GetProperty("value").GetString());
        Assert.Equal("default", settings["FLORIN_SMTP_PORT"].GetProperty("source").GetString());
        Assert.EndsWith("as EMAIL_HOST", settings["FLORIN_SMTP_HOST"].GetProperty("source").GetString(), StringComparison.Ordinal);
        Assert.Equal(server.App.Get<Settings>().Names, settings.Keys);
    }

    [Fact]
    public async Task An_event_that_was_given_up_is_tried_again_with_all_its_tries()
    {
        var support = await SignedIn.AsAsync(server.App, Roles.Support);
        var auditor = await SignedIn.AsAsync(server.App, Roles.Auditor);
        var position = await server.App.Database.ScalarAsync<string>(
            """
            with event as (
                insert into platform.outbox (topic, aggregate, payload, audience) values ('test.dead', gen_random_uuid(), '{}', '{}') returning xid, id, aggregate
            ), parked as (
                insert into platform.outbox_parked (consumer, xid, id, aggregate, attempts, next_attempt_at, dead_at, last_error)
                select 'test.consumer', xid, id, aggregate, 24, now(), now(), 'nobody home' from event
            )
            select xid || '-' || id from event
            """
        );
        var shown = await SignedIn.Json(await auditor.GetAsync("/v1/operations/outbox"));
        var parked = shown
            .GetProperty("parked")
            .EnumerateArray()
            .Single(one => string.Equals(one.GetProperty("position").GetString(), position, StringComparison.Ordinal));
        Assert.Equal(("test.dead", "nobody home"), (parked.GetProperty("topic").GetString(), parked.GetProperty("last_error").GetString()));
        Assert.NotEmpty(shown.GetProperty("consumers").EnumerateArray());

        var replay = $"/v1/operations/outbox/test.consumer/{position}/replay";
        Assert.Equal("forbidden", await SignedIn.Refusal(await auditor.SendAsync("POST", replay)));
        Assert.Equal("not_found", await SignedIn.Refusal(await support.SendAsync("POST", "/v1/operations/outbox/test.consumer/1-1/replay")));
        Assert.Equal("not_found", await SignedIn.Refusal(await support.SendAsync("POST", "/v1/operations/outbox/test.consumer/x/replay")));
        Assert.Equal(HttpStatusCode.Accepted, (await support.SendAsync("POST", replay)).StatusCode);
        Assert.Equal(
            "0 true",
            await server.App.Database.ScalarAsync<string>(
                "select attempts || ' ' || (dead_at is null) from platform.outbox_parked where xid || '-' || id = $1",
                position!
            )
        );
        Assert.EndsWith("operations.event_replayed", await support.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_of_nothing_known_is_matched_to_a_payment_once_and_only_its_gateway_is_believed()
    {
        var payer = await SignedIn.AsAsync(server.App);
        var support = await SignedIn.AsAsync(server.App, Roles.Support);
        var wallet = (await SignedIn.Json(await payer.SendAsync("POST", "/v1/wallets", new { currency = "KZT" }))).GetProperty("id").GetString();
        var order = new
        {
            purpose = "top_up",
            amount = new { amount = "10.00", currency = "KZT" },
            subject = new { wallet },
        };
        var payment = (await SignedIn.Json(await payer.SendAsync("POST", "/v1/payments", order))).GetProperty("id").GetString();
        var callback = Ids.New();
        await server.App.Database.ScalarAsync<long>(
            """
            insert into gateways.callbacks (id, gateway, event, kind, body, headers, received_at, outcome, processed_at)
            values ($1, 'sandbox', $1::text, 'charge.captured', $2, '{}', now(), 'unmatched', now())
            """,
            callback,
            server.App.Get<Secrets>().Encrypt("{}"u8, $"gateways.callbacks/{callback:N}")
        );
        var match = $"/v1/gateways/callbacks/{Ids.Show("cbk", callback)}/match";
        Assert.Equal("invalid_request", await SignedIn.Refusal(await support.SendAsync("POST", match, new { payment = "nothing", reason = "a call" })));
        Assert.Equal("no_such_attempt", await SignedIn.Refusal(await support.SendAsync("POST", match, new { payment, reason = "a call" })));
        var attempt = (await SignedIn.Json(await payer.SendAsync("POST", $"/v1/payments/{payment}/pay", new { method = "sandbox" }))).GetProperty("attempt");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => support.SendAsync("POST", match, new { payment, reason = "a call" })));
        var matched = Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode))
        {
            Assert.Equal("callback_matched", await SignedIn.Refusal(refused));
        }

        var view = await SignedIn.Json(matched);
        Assert.Equal(
            ("asked", attempt.GetProperty("id").GetString()![4..]),
            (view.GetProperty("outcome").GetString(), Ids.Show("att", Guid.ParseExact(view.GetProperty("attempt").GetString()!, "N"))[4..])
        );
        var now = await SignedIn.Json(await payer.GetAsync("/v1/payments/" + payment));
        Assert.NotEqual("completed", now.GetProperty("state").GetString()); // the callback says captured, its gateway does not
        Assert.Equal(
            1,
            await server.App.Database.ScalarAsync<long>(
                "select count(*) from activity.entries where action = 'gateways.callback_matched' and details ->> 'reason' = 'a call'"
            )
        );
    }

    [Fact]
    public async Task Staff_see_whose_webhooks_fail_without_the_address_s_secret_and_have_them_sent_again()
    {
        var merchant = await SignedIn.AsAsync(server.App, Roles.Merchant);
        var support = await SignedIn.AsAsync(server.App, Roles.Support);
        var made = await SignedIn.Json(await merchant.SendAsync("POST", "/v1/webhooks", new { url = "http://127.0.0.1:9009/hook?token=hidden" }));
        var id = made.GetProperty("id").GetString()!;
        await server.App.Database.ScalarAsync<long>("update webhooks.endpoints set failing_since = now() where id = $1", Ids.Read("whk", id));
        var text = await (await support.GetAsync("/v1/operations/webhooks?failing=true")).Content.ReadAsStringAsync(Cancel);
        Assert.Contains(id, text, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);
        Assert.Equal(0, (await SignedIn.Json(await support.SendAsync("POST", $"/v1/operations/webhooks/{id}/replay"))).GetProperty("count").GetInt32());
        Assert.Equal("forbidden", await SignedIn.Refusal(await merchant.SendAsync("POST", $"/v1/operations/webhooks/{id}/replay")));
    }

    private static async Task<JsonElement> JobAsync(SignedIn who, string name) =>
        (await SignedIn.Json(await who.GetAsync("/v1/operations/jobs")))
            .GetProperty("data")
            .EnumerateArray()
            .Single(job => string.Equals(job.GetProperty("name").GetString(), name, StringComparison.Ordinal));

    private static JsonElement PartOf(JsonElement health, string name) =>
        health.GetProperty("parts").EnumerateArray().Single(part => string.Equals(part.GetProperty("name").GetString(), name, StringComparison.Ordinal));

    /// <summary>A server that runs jobs, and another that does not.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private int runs;

        /// <summary>The consumer <c>tests.held</c> has its first event.</summary>
        public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Lets it go on.</summary>
        public TaskCompletionSource LetGo { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Runs => Volatile.Read(ref runs);

        public FlorinApp App { get; } =
            new()
            {
                Settings =
                {
                    ["FLORIN_JOBS"] = "on",
                    ["FLORIN_SMS_URL"] = "https://me:hidden@sms.example.org/send?token=hidden",
                    ["EMAIL_HOST"] = "mail.example.org",
                    ["FLORIN_WEBHOOK_ALLOW_PRIVATE"] = "true",
                },
            };

        public FlorinApp Idle { get; } = new();

        public async ValueTask InitializeAsync()
        {
            App.Registrations.Add(services =>
            {
                services.AddSingleton(new RecurringJob("tests.good", "0 0 0 1 1 ? 2099", (_, _) => Task.FromResult(Interlocked.Increment(ref runs))));
                services.AddSingleton(new OutboxConsumer("tests.held", ["tests.own"], FromBeginning: true, HoldAsync));
                services.AddSingleton(new RecurringJob("tests.bad", "0 0 0 1 1 ? 2099", (_, _) => throw new InvalidOperationException("a job that fails")));
            });
            Idle.Registrations.Add(services => services.AddSingleton(new RecurringJob("tests.idle", "0 0 0 1 1 ? 2099", (_, _) => Task.CompletedTask)));
            await App.InitializeAsync();
            await Idle.InitializeAsync();
        }

        private Task HoldAsync(IServiceProvider services, StoredEvent happened, CancellationToken cancel)
        {
            Held.TrySetResult();
            return LetGo.Task.WaitAsync(cancel);
        }

        public async ValueTask DisposeAsync()
        {
            await Idle.DisposeAsync();
            await App.DisposeAsync();
        }
    }
}
