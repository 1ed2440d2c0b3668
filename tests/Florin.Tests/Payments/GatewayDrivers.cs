using System.Globalization;
using System.Net;
using System.Text;
using Florin.Bench;
using Florin.Gateways.Sandbox;
using Florin.Tests.Gateways;

namespace Florin.Tests.Payments;

public sealed class StripeMatrixTests(GatewayAndApp<StripeDriver> both) : GatewayMatrixTests<StripeDriver>(both);

public sealed class AamarPayMatrixTests(GatewayAndApp<AamarPayDriver> both) : GatewayMatrixTests<AamarPayDriver>(both);

public sealed class SandboxMatrixTests(GatewayAndApp<SandboxDriver> both) : GatewayMatrixTests<SandboxDriver>(both);

/// <summary>Stripe's wire format, by the small strict server.</summary>
public sealed class StripeDriver : GatewayDriver
{
    private StripeServer server = null!;

    public override string Name => "stripe";

    public override bool PaysBack => true;

    public override Task<long> CountChargesAsync() => Task.FromResult((long)server.Charges.Count);

    public override Task<decimal> SumRefundedAsync() => Task.FromResult(server.Refunds.Sum(refund => refund.Amount) / 100m);

    public override IReadOnlyCollection<string> Faults => server.Faults;

    public override async Task StartAsync(Dictionary<string, string> settings)
    {
        server = await StripeServer.StartAsync();
        server.Settings(settings);
    }

    public override Task SucceedAsync(Guid attempt)
    {
        server.Moods.Calm();
        server.Succeed(attempt);
        return Task.CompletedTask;
    }

    public override Task<bool> SucceedWithAsync(Guid attempt, string amount)
    {
        server.Succeed(attempt, (long)(decimal.Parse(amount, CultureInfo.InvariantCulture) * 100));
        return Task.FromResult(true);
    }

    public override Task DeclineAsync(Guid attempt)
    {
        server.Decline(attempt);
        return Task.CompletedTask;
    }

    public override async Task TurnBackAsync(Guid attempt)
    {
        server.Become(attempt, "canceled");
        await CallBackAsync(attempt);
    }

    public override async Task CallBackAsync(Guid attempt, string? amount = null)
    {
        var intent = server.Of(attempt);
        var body = StripeServer.Event("payment_intent.succeeded", intent.Shape);
        if (amount is not null)
        {
            body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace("10000", "100", StringComparison.Ordinal));
        }

        Assert.Equal(HttpStatusCode.OK, await PostAsync(body, StripeServer.Sign(body, App.Clock.GetUtcNow())));
    }

    public override async Task ForgeAsync(Guid attempt)
    {
        var body = StripeServer.Event("payment_intent.succeeded", server.Of(attempt).Shape);
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(body, StripeServer.Sign(body, App.Clock.GetUtcNow(), "whsec_other")));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(body, StripeServer.Sign(body, App.Clock.GetUtcNow().AddMinutes(-6))));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(body[..^1], StripeServer.Sign(body, App.Clock.GetUtcNow())));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(body, StripeServer.Sign(body, App.Clock.GetUtcNow()))); // signed, and the gateway knows better
    }

    public override void LoseNextAnswer() => server.Moods.CutNext(Stage.After);

    public override ValueTask DisposeAsync() => server.DisposeAsync();

    // It goes on collecting whatever we ask: the cancellation never arrives.
    public override bool CannotCancel
    {
        get => base.CannotCancel;
        set
        {
            base.CannotCancel = value;
            for (var i = 0; value && i < 4; i++)
            {
                server.Moods.AnswerNext(Stage.Before, 403, """{"error":{"type":"invalid_request_error","message":"not allowed"}}""");
            }
        }
    }

    private async Task<HttpStatusCode> PostAsync(byte[] body, string signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/gateways/stripe/webhook", UriKind.Relative))
        {
            Content = new ByteArrayContent(body),
        };
        request.Headers.Add("Stripe-Signature", signature);
        using var answer = await App.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}

/// <summary>aamarPay's wire format, by the small strict server.</summary>
public sealed class AamarPayDriver : GatewayDriver
{
    private AamarPayServer server = null!;

    public override string Name => "aamarpay";

    public override bool PaysBack => false;

    public override Task<long> CountChargesAsync() => Task.FromResult((long)server.Charges.Count);

    public override Task<decimal> SumRefundedAsync() => Task.FromResult(0m);

    public override IReadOnlyCollection<string> Faults => server.Faults;

    public override async Task StartAsync(Dictionary<string, string> settings)
    {
        server = await AamarPayServer.StartAsync();
        server.Settings(settings);
    }

    public override Task SucceedAsync(Guid attempt)
    {
        server.Become(attempt, "Successful");
        return Task.CompletedTask;
    }

    public override Task<bool> SucceedWithAsync(Guid attempt, string amount)
    {
        server.Become(attempt, "Successful").Amount = amount;
        return Task.FromResult(true);
    }

    public override Task DeclineAsync(Guid attempt)
    {
        server.Become(attempt, "Failed");
        return Task.CompletedTask;
    }

    public override async Task TurnBackAsync(Guid attempt) =>
        Assert.Equal(HttpStatusCode.SeeOther, await SendAsync(HttpMethod.Get, $"/v1/gateways/aamarpay/{attempt:N}/cancel", null));

    public override async Task CallBackAsync(Guid attempt, string? amount = null)
    {
        var charge = server.Of(attempt);
        var told = charge.Amount;
        charge.Amount = amount ?? told;
        var form = AamarPayServer.Return(charge);
        charge.Amount = told;
        var way = charge.PayStatus is "Failed" ? "fail" : "success";
        Assert.Equal(HttpStatusCode.SeeOther, await SendAsync(HttpMethod.Post, $"/v1/gateways/aamarpay/{attempt:N}/{way}", form));
    }

    public override async Task ForgeAsync(Guid attempt)
    {
        var charge = server.Of(attempt);
        var truth = charge.PayStatus;
        charge.PayStatus = "Successful";
        var form = AamarPayServer.Return(charge);
        charge.PayStatus = truth;
        Assert.Equal(HttpStatusCode.SeeOther, await SendAsync(HttpMethod.Post, $"/v1/gateways/aamarpay/{attempt:N}/success", form));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(HttpMethod.Post, $"/v1/gateways/aamarpay/{Guid.NewGuid():N}/success", null));
    }

    public override void LoseNextAnswer() => server.Moods.CutNext(Stage.After);

    public override ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task<HttpStatusCode> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = App.Http.BaseAddress };
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        if (answer.StatusCode == HttpStatusCode.SeeOther)
        {
            Assert.StartsWith("/pay/", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        }

        return answer.StatusCode;
    }
}

/// <summary>The sandbox's own gateway, by its page and its callbacks.</summary>
public sealed class SandboxDriver : GatewayDriver
{
    private bool late;

    public override string Name => "sandbox";

    public override bool PaysBack => true;

    public override Task<long> CountChargesAsync() => App.Database.ScalarAsync<long>("select count(*) from gateways.sandbox_charges");

    public override async Task<decimal> SumRefundedAsync() =>
        await App.Database.ScalarAsync<decimal>("select coalesce(sum(amount), 0) from gateways.sandbox_refunds") / 100m;

    public override IReadOnlyCollection<string> Faults => [];

    public override Task StartAsync(Dictionary<string, string> settings) => Task.CompletedTask;

    // A charge of ours that was called off is never captured, so lateness is scripted: it is captured behind the gateway's back.
    public override async Task SucceedAsync(Guid attempt)
    {
        if (CannotCancel)
        {
            late = true;
            await App.Database.ScalarAsync<int>("update gateways.sandbox_charges set state = 'captured', ended_at = now() where attempt = $1", attempt);
            return;
        }

        await PressAsync(attempt, "succeed", "lost");
    }

    public override Task<bool> SucceedWithAsync(Guid attempt, string amount) => Task.FromResult(false);

    public override Task DeclineAsync(Guid attempt) => PressAsync(attempt, "fail", "lost");

    public override async Task TurnBackAsync(Guid attempt)
    {
        await PressAsync(attempt, "cancel", "");
        await App.Get<SandboxDelivery>().DeliverDueAsync(TestContext.Current.CancellationToken);
    }

    public override async Task CallBackAsync(Guid attempt, string? amount = null)
    {
        var state = await App.Database.ScalarAsync<string>("select state from gateways.sandbox_charges where attempt = $1", attempt);
        var body = Event(attempt, "charge." + state, amount ?? "100.00");
        await App.Get<SandboxCallbacks>()
            .TakeAsync(body, App.Get<SandboxCallbacks>().Sign(body, forged: false), new Dictionary<string, string>(StringComparer.Ordinal));
        Assert.True(late || !CannotCancel);
    }

    public override async Task ForgeAsync(Guid attempt)
    {
        var body = Event(attempt, "charge.captured", "100.00");
        using var content = new ByteArrayContent(body);
        content.Headers.Add(SandboxCallbacks.Header, App.Get<SandboxCallbacks>().Sign(body, forged: true));
        using var answer = await App.Http.PostAsync(new Uri("/v1/gateways/sandbox/callback", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    public override void LoseNextAnswer() { }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task PressAsync(Guid attempt, string outcome, string script)
    {
        var token = await App.Database.ScalarAsync<string>("select token from gateways.sandbox_charges where attempt = $1", attempt);
        using var form = new FormUrlEncodedContent([new("outcome", outcome), new("script", script)]);
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = App.Http.BaseAddress };
        using var answer = await http.PostAsync(new Uri("/sandbox/pay/" + token, UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }

    private byte[] Event(Guid attempt, string type, string amount) =>
        Encoding.UTF8.GetBytes(
            $$"""{"id":"evt_{{Guid.NewGuid():N}}","type":"{{type}}","created":"{{App.Clock.GetUtcNow():O}}","attempt":"{{attempt:N}}","refund":null,"amount":"{{amount}}","currency":"BDT"}"""
        );
}
