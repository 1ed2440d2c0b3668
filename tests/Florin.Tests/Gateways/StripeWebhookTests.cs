using System.Net;
using Florin.Bench;
using Florin.Payments;
using Florin.Platform;
using Florin.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Gateways;

public sealed class StripeWebhookTests : IAsyncLifetime
{
    private readonly GatewayRig rig = new();
    private FlorinApp app = null!;
    private StripeServer stripe = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        stripe = await StripeServer.StartAsync();
        app = rig.App(stripe.Settings);
        app.Settings["FLORIN_STRIPE_WEBHOOK_SECRET"] = "whsec_old," + StripeServer.WebhookSecret;
        await app.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await stripe.DisposeAsync();
    }

    [Fact]
    public async Task An_event_is_kept_once_and_asked_about_once_however_often_it_comes()
    {
        var attempt = Guid.CreateVersion7();
        var body = StripeServer.Event("payment_intent.succeeded", About(attempt), "evt_1");
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SendAsync(body)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from gateways.callbacks where outcome = 'asked' and event = 'evt_1'"));
        var asked = rig.Attempts.Count;
        Assert.InRange(asked, 1, 5); // those that come before the first is done ask as well, which is safe
        await SendAsync(body);
        Assert.Equal(asked, rig.Attempts.Count);
        Assert.All(rig.Attempts, one => Assert.Equal(attempt, one));
    }

    [Fact]
    public async Task A_forged_truncated_stale_or_unsigned_event_is_refused_and_nothing_of_it_is_kept()
    {
        var body = StripeServer.Event("payment_intent.succeeded", About(Guid.CreateVersion7()));
        var now = app.Clock.GetUtcNow();
        var right = StripeServer.Sign(body, now);
        (byte[] Body, string? Signature)[] wrong =
        [
            (body, null),
            (body, StripeServer.Sign(body, now, "whsec_another")),
            (body, StripeServer.Sign(body, now, "")),
            (body[..^1], right),
            ([.. body, (byte)' '], right),
            (body, StripeServer.Sign(body, now.AddSeconds(-310))),
            (body, StripeServer.Sign(body, now.AddSeconds(310))),
            (body, right.Replace("v1=", "v0=", StringComparison.Ordinal)),
            ([], right),
        ];
        foreach (var (sent, signature) in wrong)
        {
            var answer = await SendAsync(sent, signature ?? "");
            Assert.Equal((HttpStatusCode.BadRequest, "callback_not_authentic"), (answer.StatusCode, await SignedIn.Refusal(answer)));
        }

        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from gateways.callbacks"));
        Assert.Empty(rig.Attempts);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(body, right)).StatusCode); // the control
    }

    [Fact]
    public async Task A_body_above_the_limit_is_refused()
    {
        var body = new byte[(256 * 1024) + 1];
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(body)).StatusCode);
    }

    [Fact]
    public async Task Each_kind_of_event_asks_about_what_it_names()
    {
        var attempt = Guid.CreateVersion7();
        var refund = Guid.CreateVersion7();
        await SendAsync(
            StripeServer.Event("refund.updated", new { id = "re_1", metadata = new { refund = refund.ToString("N"), attempt = attempt.ToString("N") } })
        );
        Assert.Equal((refund, 0), (Assert.Single(rig.Refunds), rig.Attempts.Count));
        await SendAsync(
            StripeServer.Event(
                "charge.refunded",
                new
                {
                    id = "ch_1",
                    payment_intent = "pi_1",
                    metadata = new { attempt = attempt.ToString("N") },
                }
            )
        );
        await SendAsync(StripeServer.Event("payment_intent.payment_failed", About(attempt)));
        Assert.Equal([attempt, attempt], rig.Attempts);
        await SendAsync(StripeServer.Event("customer.created", new { id = "cus_1" }));
        await SendAsync("{"u8.ToArray());
        Assert.Equal([attempt, attempt], rig.Attempts);
        Assert.Equal(
            "asked asked asked ignored ignored",
            await app.Database.ScalarAsync<string>("select string_agg(outcome, ' ' order by id) from gateways.callbacks")
        );
    }

    [Fact]
    public async Task A_dispute_is_told_to_staff_once_and_the_attempt_is_found_at_stripe()
    {
        var charge = GatewayRig.Charge();
        var started = await app.Get<Florin.Gateways.Stripe.StripeGateway>().StartAsync(charge, Cancel);
        var body = StripeServer.Event("charge.dispute.created", new { id = "dp_1", payment_intent = started.Reference });
        await SendAsync(body);
        await SendAsync(body);
        Assert.Equal(charge.Attempt, Assert.Single(rig.Attempts));
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from platform.outbox where topic = 'gateways.disputed'"));
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from activity.entries where action = 'gateways.disputed'"));
        Assert.Empty(stripe.Faults);
    }

    [Fact]
    public async Task What_could_not_be_asked_is_tried_again_and_staff_can_replay_it()
    {
        rig.AnswerAsync = _ => throw new HttpRequestException("away");
        var attempt = Guid.CreateVersion7();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(StripeServer.Event("payment_intent.succeeded", About(attempt)))).StatusCode);
        await app.Database.WaitAsync("select count(*) = 1 from gateways.callbacks where outcome = 'failed' and tries = 1");

        rig.AnswerAsync = _ => Task.FromResult<GatewayReport?>(new GatewayReport(ChargeState.Unknown));
        app.Clock.Wind(TimeSpan.FromMinutes(1));
        await JobAsync("gateways.retry_callbacks");
        await app.Database.WaitAsync("select count(*) = 1 from gateways.callbacks where outcome = 'failed' and tries = 2");

        rig.AnswerAsync = _ => Task.FromResult<GatewayReport?>(new GatewayReport(ChargeState.Captured));
        await JobAsync("gateways.retry_callbacks");
        await JobAsync("gateways.retry_callbacks"); // done: nothing is left to try
        await app.Database.WaitAsync("select count(*) = 1 from gateways.callbacks where outcome = 'asked' and tries = 3");

        var support = await SignedIn.AsAsync(app, Roles.Support);
        var listed = (await SignedIn.Json(await support.GetAsync("/v1/gateways/callbacks?gateway=stripe&outcome=asked"))).GetProperty("data");
        var id = Assert.Single(listed.EnumerateArray()).GetProperty("id").GetString();
        var replayed = await SignedIn.Json(await support.SendAsync("POST", $"/v1/gateways/callbacks/{id}/replay"));
        Assert.Equal(4, replayed.GetProperty("tries").GetInt32());
        Assert.Equal(4, rig.Attempts.Count);
        Assert.Contains("gateways.callback_replayed", await support.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staff_see_the_body_as_it_came_and_the_table_does_not_show_it()
    {
        var body = StripeServer.Event("payment_intent.succeeded", new { id = "pi_1", receipt_email = "payer@example.org" });
        await SendAsync(body);
        var auditor = await SignedIn.AsAsync(app, Roles.Auditor);
        var id = (await SignedIn.Json(await auditor.GetAsync("/v1/gateways/callbacks"))).GetProperty("data")[0].GetProperty("id").GetString();
        var shown = await SignedIn.Json(await auditor.GetAsync($"/v1/gateways/callbacks/{id}"));
        Assert.Equal(System.Text.Encoding.UTF8.GetString(body), shown.GetProperty("body").GetString());
        Assert.True(shown.GetProperty("headers").TryGetProperty("Stripe-Signature", out _));
        Assert.False(await app.Database.ScalarAsync<bool>("select bool_or(position('payer'::bytea in body) > 0) from gateways.callbacks"));
        Assert.Equal("forbidden", await SignedIn.Refusal(await auditor.SendAsync("POST", $"/v1/gateways/callbacks/{id}/replay")));
        var customer = await SignedIn.AsAsync(app);
        Assert.Equal("forbidden", await SignedIn.Refusal(await customer.GetAsync("/v1/gateways/callbacks")));
        Assert.Equal("not_found", await SignedIn.Refusal(await auditor.GetAsync($"/v1/gateways/callbacks/cbk_{Guid.NewGuid():N}")));
        Assert.Equal("invalid_request", await SignedIn.Refusal(await auditor.GetAsync("/v1/gateways/callbacks?outcome=nonsense")));

        app.Clock.Wind(TimeSpan.FromDays(91));
        await JobAsync("gateways.delete_old_callbacks");
        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from gateways.callbacks"));
    }

    private static object About(Guid attempt) => new { id = "pi_1", metadata = new { attempt = attempt.ToString("N") } };

    private Task JobAsync(string name) =>
        app.Services.GetServices<RecurringJob>().Single(job => string.Equals(job.Name, name, StringComparison.Ordinal)).RunAsync(app.Services, Cancel);

    private Task<HttpResponseMessage> SendAsync(byte[] body, string? signature = null) =>
        SendAsync(app.Http, "/v1/gateways/stripe/webhook", "Stripe-Signature", body, signature ?? StripeServer.Sign(body, app.Clock.GetUtcNow()));

    internal static async Task<HttpResponseMessage> SendAsync(HttpClient http, string path, string header, byte[] body, string signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        if (signature.Length > 0)
        {
            request.Headers.TryAddWithoutValidation(header, signature);
        }

        return await http.SendAsync(request, Cancel);
    }
}
