using System.Text.Json;
using Florin.Tests.Identity;
using Florin.Webhooks;
using Microsoft.AspNetCore.Http;

namespace Florin.Tests.Webhooks;

/// <summary>What happens when receivers fail. Each test winds a clock of its own.</summary>
public sealed class RetryTests
{
    private static readonly string[] Pauses = ["5 s", "5 min", "30 min", "2 h", "5 h", "10 h", "14 h", "20 h", "24 h"];

    [Fact]
    public async Task A_delivery_is_tried_ten_times_in_three_days_under_one_id_and_then_dead_and_its_owner_is_told()
    {
        await using var receiver = await SmallReceiver.StartAsync(_ => 500);
        await using var app = await StartAsync();
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(receiver.Url);
        await merchant.HappenAsync(Guid.NewGuid(), 1);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var pauses = new List<double>();
        for (var attempt = 1; attempt <= 10; attempt++)
        {
            var post = await receiver.NextAsync();
            ids.Add(post.Id);
            Assert.Equal([0], post.SignedBy(made.Secret));
            await merchant.WaitAsync(made, 1, $"attempts = {attempt}");
            if (attempt < 10)
            {
                pauses.Add(
                    await app.Database.ScalarAsync<double>("select extract(epoch from next_attempt_at - $1)::float8 from webhooks.deliveries", Now(app))
                );
                // The last one half a day late: with every pause cut short by chance the nine are less than the three days that are asked for below.
                app.Clock.Wind(TimeSpan.FromSeconds(pauses[^1] + (attempt == 9 ? 43_200 : 1)));
            }
        }

        Assert.Single(ids);
        double[] expected = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
        Assert.Equal(Pauses.Length, pauses.Count);
        Assert.All(pauses.Zip(expected), pause => Assert.InRange(pause.First, (pause.Second * 0.89) - 2, pause.Second * 1.11));
        await merchant.WaitAsync(made, 1, "state = 'dead' and last_status = 500");

        // Three days without a success.
        await app.Database.WaitAsync("select disabled_reason = 'failing' from webhooks.endpoints");
        await CheckToldAsync(app, merchant);
        Assert.True(receiver.IsEmpty);
    }

    [Fact]
    public async Task Who_answers_410_is_not_asked_again_until_enabled_and_then_gets_what_waited()
    {
        var gone = true;
        await using var receiver = await SmallReceiver.StartAsync(_ => gone ? StatusCodes.Status410Gone : 200);
        await using var app = await StartAsync();
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(receiver.Url);
        await merchant.HappenAsync(Guid.NewGuid(), 1, 2);
        Assert.Equal(1, (await receiver.NextAsync()).Number);
        await app.Database.WaitAsync("select disabled_reason = 'gone' from webhooks.endpoints");
        await CheckToldAsync(app, merchant);
        await app.Database.WaitAsync("select count(*) = 1 from notifications.messages where template = 'webhook_disabled'");
        var message = await app.Database.ScalarAsync<string>("select body from notifications.messages where template = 'webhook_disabled'");
        Assert.Contains($"your webhook {made.Id} at 127.0.0.1 was disabled: it answered that it is gone (410)", message, StringComparison.Ordinal);
        await merchant.HappenAsync(Guid.NewGuid(), 3); // not kept for it
        Assert.Equal("webhook_disabled", await SignedIn.Refusal(await merchant.Person.SendAsync("POST", $"/v1/webhooks/{made.Id}/test")));
        await app.Database.WaitAsync("select bool_and((c.xid, c.id) >= (o.xid, o.id)) from platform.outbox_cursors c cross join platform.outbox o");
        Assert.True(receiver.IsEmpty);

        gone = false;
        await SignedIn.Json(await merchant.Person.SendAsync("PATCH", $"/v1/webhooks/{made.Id}", new { enabled = true }));
        Assert.Equal(2, (await receiver.NextAsync()).Number);
        await merchant.HappenAsync(Guid.NewGuid(), 4);
        Assert.Equal(4, (await receiver.NextAsync()).Number);
        Assert.True(receiver.IsEmpty);
    }

    [Fact]
    public async Task One_success_ends_the_count_of_three_days()
    {
        var status = 500;
        await using var receiver = await SmallReceiver.StartAsync(_ => status);
        await using var app = await StartAsync();
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(receiver.Url);
        await merchant.HappenAsync(Guid.NewGuid(), 1);
        await receiver.NextAsync();
        await app.Database.WaitAsync("select failing_since is not null from webhooks.endpoints");
        status = 200;
        app.Clock.Wind(TimeSpan.FromSeconds(6));
        await receiver.NextAsync();
        await app.Database.WaitAsync("select failing_since is null from webhooks.endpoints");
        app.Clock.Wind(TimeSpan.FromDays(4));
        await merchant.Person.SignInAsync();
        status = 500;
        await merchant.HappenAsync(Guid.NewGuid(), 2);
        await receiver.NextAsync();
        await app.Database.WaitAsync("select failing_since is not null from webhooks.endpoints");
        Assert.True((await merchant.ShowAsync(made)).GetProperty("enabled").GetBoolean());
    }

    [Fact]
    public async Task A_person_sends_one_again_or_all_of_a_time_or_what_failed()
    {
        var status = 200;
        await using var receiver = await SmallReceiver.StartAsync(post => post.Number == 2 ? status : 200);
        await using var app = await StartAsync();
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(receiver.Url);
        var payment = Guid.NewGuid();
        await merchant.HappenAsync(payment, 1);
        var first = await receiver.NextAsync();
        await merchant.WaitAsync(made, 1, "state = 'delivered'");
        var again = await merchant.Person.SendAsync("POST", $"/v1/webhooks/{made.Id}/deliveries/{first.Id}/replay");
        Assert.True(again.IsSuccessStatusCode);
        Assert.Equal(first.Id, (await receiver.NextAsync()).Id);
        await merchant.WaitAsync(made, 1, "state = 'delivered' and attempts = 2");

        status = 503;
        await merchant.HappenAsync(payment, 2, 3);
        await receiver.NextAsync();
        await app.Database.WaitAsync("select exists (select from webhooks.deliveries where attempts = 1 and state = 'pending')");
        status = 200;
        Assert.Equal(1, await ReplayAsync(onlyFailed: true)); // at once, without waiting for its pause
        Assert.Equal([2, 3], (await receiver.NextAsync(2)).Select(post => post.Number));
        await merchant.WaitAsync(made, 3, "state = 'delivered'");

        Assert.Equal(3, await ReplayAsync(onlyFailed: false));
        Assert.Equal([1, 2, 3], (await receiver.NextAsync(3)).Select(post => post.Number));
        Assert.Equal(0, await ReplayAsync(onlyFailed: true));
        await merchant.WaitAsync(made, 3, "state = 'delivered'");
        Assert.Contains("webhooks.replayed", await merchant.Person.ActivityAsync(), StringComparison.Ordinal);

        async Task<int> ReplayAsync(bool onlyFailed)
        {
            var (from, to) = (Now(app).AddHours(-1), Now(app).AddHours(1));
            var body = new
            {
                from,
                to,
                only_failed = onlyFailed,
            };
            return (await SignedIn.Json(await merchant.Person.SendAsync("POST", $"/v1/webhooks/{made.Id}/replays", body))).GetProperty("count").GetInt32();
        }
    }

    [Fact]
    public async Task Deliveries_are_kept_for_thirty_days_and_those_of_a_deleted_webhook_go_at_once()
    {
        await using var receiver = await SmallReceiver.StartAsync();
        await using var app = await StartAsync();
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(receiver.Url);
        var deleted = await merchant.CreateAsync(receiver.Url);
        await merchant.HappenAsync(Guid.NewGuid(), 1);
        await receiver.NextAsync(2);
        await app.Database.WaitAsync("select bool_and(state = 'delivered') from webhooks.deliveries");
        await merchant.Person.SendAsync("DELETE", $"/v1/webhooks/{deleted.Id}");
        await WebhookRetention.Job.RunAsync(app.Services, TestContext.Current.CancellationToken);
        Assert.Equal(made.Guid, await app.Database.ScalarAsync<Guid>("select endpoint_id from webhooks.deliveries"));
        Assert.Equal(made.Guid, await app.Database.ScalarAsync<Guid>("select id from webhooks.endpoints"));

        app.Clock.Wind(TimeSpan.FromDays(31));
        await WebhookRetention.Job.RunAsync(app.Services, TestContext.Current.CancellationToken);
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from webhooks.deliveries"));
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from webhooks.attempts"));
    }

    private static DateTimeOffset Now(FlorinApp app) => app.Clock.GetUtcNow();

    private static async Task<FlorinApp> StartAsync()
    {
        var app = new FlorinApp();
        await app.InitializeAsync();
        return app;
    }

    private static async Task CheckToldAsync(FlorinApp app, Merchant merchant)
    {
        await app.Database.WaitAsync("select count(*) = 1 from platform.outbox where topic = 'webhooks.disabled'");
        await app.Database.WaitAsync("select count(*) = 1 from platform.outbox where payload->>'template' = 'webhook_disabled'");
        Assert.Contains("webhooks.disabled", await merchant.Person.ActivityAsync(), StringComparison.Ordinal);
    }
}
