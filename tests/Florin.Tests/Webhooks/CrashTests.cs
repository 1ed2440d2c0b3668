using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Florin.Bench;
using Florin.Demo;
using Florin.Platform;
using Florin.Tests.Stories;
using Npgsql;

namespace Florin.Tests.Webhooks;

/// <summary>Servers that die or work side by side.</summary>
public sealed class CrashTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_servers_under_load_deliver_each_event_once_and_in_order()
    {
        await using var second = await app.SecondServerAsync();
        var seen = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var order = new ConcurrentDictionary<string, ConcurrentQueue<int>>(StringComparer.Ordinal);
        await using var receiver = await SmallReceiver.StartAsync(async post =>
        {
            seen.AddOrUpdate(post.Id, 1, (_, count) => count + 1);
            await Task.Yield();
            order.GetOrAdd(post.Topic, _ => new()).Enqueue(post.Number);
        });
        var merchant = await Merchant.AsAsync(app);
        var made = await merchant.CreateAsync(receiver.Url);
        var topics = new[] { "payments.created", "payments.processing", "payments.completed", "payments.refunded", "payments.failed" };
        var payments = topics.ToDictionary(topic => topic, _ => Guid.NewGuid(), StringComparer.Ordinal);
        for (var n = 0; n < 60; n++)
        {
            foreach (var topic in topics)
            {
                await merchant.HappenAsync(topic, payments[topic], n);
            }
        }

        await merchant.WaitAsync(made, 300, "state = 'delivered' and attempts = 1");
        Assert.Equal(300, seen.Count);
        Assert.All(seen, post => Assert.Equal(1, post.Value));
        Assert.All(order, payment => Assert.Equal(Enumerable.Range(0, 60), payment.Value));
    }

    [Fact]
    public async Task What_a_killed_server_had_sent_and_not_recorded_is_sent_again_and_nothing_is_lost()
    {
        await using var cluster = await PrivateCluster.StartAsync();
        var settings = cluster.Settings;
        settings["FLORIN_PASSWORD_ITERATIONS"] = "1000";
        var answering = false;
        var never = new TaskCompletionSource();
        await using var receiver = await SmallReceiver.StartAsync(post => answering ? Task.CompletedTask : never.Task.WaitAsync(post.Http.RequestAborted));
        var port = ServerProcess.FreePort();
        string first;
        await using (var server = await ServerProcess.StartAsync(port, settings))
        {
            await CreateAsync(server, receiver.Url);
            await HappenAsync(settings, 1, 2);
            first = (await receiver.NextAsync()).Id;
            await server.KillAsync(); // between sending and recording
        }

        answering = true;
        await ExecuteAsync(settings, "update webhooks.lanes set due_at = now()"); // as if the lease had run out
        await using var restarted = await ServerProcess.StartAsync(port, settings);
        var posts = await receiver.NextAsync(2);
        Assert.Equal((first, 1, 2), (posts[0].Id, posts[0].Number, posts[1].Number));
    }

    private static async Task CreateAsync(ServerProcess server, string url)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        var session = await http.PostAsJsonAsync("/v1/sessions", new { login = "corner-shop", password = DemoPeople.Password }, Cancel);
        var token = (await session.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("access_token").GetString()!;
        await Customers.PostAsync(http, "/v1/webhooks", token, new { url });
    }

    private static async Task HappenAsync(Dictionary<string, string> settings, params int[] numbers)
    {
        var payment = Guid.NewGuid();
        foreach (var n in numbers)
        {
            await ExecuteAsync(
                settings,
                "insert into platform.outbox (topic, aggregate, payload, audience) "
                    + $$"""select 'payments.created', '{{payment}}', '{"n": {{n}}}', array(select person_id from webhooks.endpoints)"""
            );
        }
    }

    private static async Task ExecuteAsync(Dictionary<string, string> settings, string sql)
    {
        await using var connection = new NpgsqlConnection(settings["FLORIN_DATABASE"]);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
