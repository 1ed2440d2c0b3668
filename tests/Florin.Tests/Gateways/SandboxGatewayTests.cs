using System.Net;
using System.Text.Json;
using Florin.Gateways.Sandbox;
using Florin.Payments;
using Florin.Platform;
using Florin.Tests.Identity;
using Microsoft.AspNetCore.Http;

namespace Florin.Tests.Gateways;

public sealed class SandboxGatewayTests : IAsyncLifetime
{
    private readonly GatewayRig rig = new();
    private FlorinApp app = null!;
    private HttpClient browser = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SandboxGateway Gateway => app.Get<SandboxGateway>();

    public async ValueTask InitializeAsync()
    {
        app = rig.App();
        rig.AnswerAsync = attempt => Task.FromResult<GatewayReport?>(new GatewayReport(ChargeState.Waiting) { Reference = attempt.ToString("N") });
        await app.InitializeAsync();
#pragma warning disable CA2000 // the client disposes it
        browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = app.Http.BaseAddress };
#pragma warning restore CA2000
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task The_page_says_what_is_paid_and_that_it_is_a_sandbox_and_runs_no_script()
    {
        var charge = GatewayRig.Charge();
        var page = await PageAsync(charge);
        var answer = await browser.GetAsync(page, Cancel);
        var html = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("SANDBOX", html, StringComparison.Ordinal);
        Assert.Contains("12.34 USD", html, StringComparison.Ordinal);
        Assert.Contains("Corner Shop", html, StringComparison.Ordinal);
        Assert.Contains("Two coffees &amp; a &lt;bun&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        var style = html[(html.IndexOf("<style>", StringComparison.Ordinal) + 7)..html.IndexOf("</style>", StringComparison.Ordinal)];
        var digest = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(style)));
        Assert.Contains(digest, policy, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(new Uri("/sandbox/pay/another", UriKind.Relative), Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("succeed", ChargeState.Captured, "charge.captured")]
    [InlineData("fail", ChargeState.Failed, "charge.failed")]
    [InlineData("cancel", ChargeState.Cancelled, "charge.cancelled")]
    [InlineData("expire", ChargeState.Failed, "charge.expired")]
    public async Task Every_button_ends_the_charge_tells_us_and_leads_back(string outcome, ChargeState state, string kind)
    {
        var charge = GatewayRig.Charge();
        var answer = await PressAsync(await PageAsync(charge), outcome);
        Assert.Equal((HttpStatusCode.SeeOther, "/pay/" + charge.Payment.Code), (answer.StatusCode, answer.Headers.Location!.OriginalString));
        var report = await Gateway.InquireAsync(charge, Cancel);
        Assert.Equal((state, state == ChargeState.Captured ? charge.Amount : null), (report.State, report.Captured));
        Assert.Equal(1, await DeliverAsync());
        Assert.Equal(0, await DeliverAsync());
        Assert.Equal(charge.Attempt, Assert.Single(rig.Attempts));
        Assert.Equal(kind + " asked", await app.Database.ScalarAsync<string>("select kind || ' ' || outcome from gateways.callbacks"));
    }

    [Fact]
    public async Task A_charge_that_has_ended_stays_so()
    {
        var charge = GatewayRig.Charge();
        var page = await PageAsync(charge);
        await Task.WhenAll(PressAsync(page, "succeed"), PressAsync(page, "succeed"), PressAsync(page, "succeed"));
        await PressAsync(page, "fail");
        Assert.Equal(ChargeState.Captured, (await Gateway.CancelAsync(charge, Cancel)).State);
        Assert.Equal(ChargeState.Captured, (await Gateway.StartAsync(charge, Cancel)).State);
        Assert.Equal(1, await DeliverAsync());
        Assert.Contains("This charge is captured.", await browser.GetStringAsync(page, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starting_again_finds_the_same_page_and_cancelling_ends_it()
    {
        var charge = GatewayRig.Charge();
        Assert.Equal(await PageAsync(charge), await PageAsync(charge));
        Assert.Equal(ChargeState.Cancelled, (await Gateway.CancelAsync(charge, Cancel)).State);
    }

    [Theory]
    [InlineData("slow", 0, 1, "charge.captured")]
    [InlineData("duplicate", 3, 0, "charge.captured")]
    [InlineData("out_of_order", 1, 1, "charge.captured charge.processing")]
    [InlineData("lost", 0, 0, "")]
    [InlineData("wrong_amount", 1, 0, "charge.captured")]
    [InlineData("forged", 1, 0, "")]
    public async Task Scripts_decide_which_callbacks_come_and_never_what_the_gateway_says_when_asked(string script, int now, int later, string kept)
    {
        var charge = GatewayRig.Charge();
        await PressAsync(await PageAsync(charge), "succeed", script);
        Assert.Equal(now, await DeliverAsync());
        var report = await Gateway.InquireAsync(charge, Cancel);
        Assert.Equal((ChargeState.Captured, charge.Amount), (report.State, report.Captured));
        app.Clock.Wind(TimeSpan.FromSeconds(11));
        Assert.Equal(later, await DeliverAsync());
        var kinds = await app.Database.ScalarAsync<string>("select coalesce(string_agg(kind, ' ' order by id), '') from gateways.callbacks");
        Assert.Equal(kept, kinds);
        Assert.All(rig.Attempts, attempt => Assert.Equal(charge.Attempt, attempt));
        Assert.Equal(kept.Length == 0, rig.Attempts.IsEmpty);
    }

    [Fact]
    public async Task A_late_charge_expires_and_is_captured_after_all()
    {
        var charge = GatewayRig.Charge();
        await PressAsync(await PageAsync(charge), "succeed", "late");
        await DeliverAsync();
        Assert.Equal("expired", (await Gateway.InquireAsync(charge, Cancel)).FailureCode);
        app.Clock.Wind(TimeSpan.FromSeconds(11));
        await DeliverAsync();
        Assert.Equal(charge.Amount, (await Gateway.InquireAsync(charge, Cancel)).Captured);
        Assert.Equal(2, rig.Attempts.Count);
    }

    [Theory]
    [InlineData("timeout", ChargeState.Unknown, ChargeState.Captured)]
    [InlineData("instant", ChargeState.Captured, ChargeState.Captured)]
    [InlineData("decline", ChargeState.Failed, ChargeState.Failed)]
    [InlineData("nonsense", ChargeState.Failed, null)]
    public async Task A_header_on_the_call_that_pays_chooses_what_happens_before_the_page(string script, ChargeState said, ChargeState? holds)
    {
        var charge = GatewayRig.Charge();
        var http = app.Get<IHttpContextAccessor>();
        http.HttpContext = new DefaultHttpContext { Request = { Headers = { [SandboxScripts.Header] = script } } };
        Assert.Equal(said, (await Gateway.StartAsync(charge, Cancel)).State);
        http.HttpContext = null;
        if (holds is not null)
        {
            Assert.Equal(holds, (await Gateway.InquireAsync(charge, Cancel)).State);
        }
    }

    [Fact]
    public async Task Refunds_are_paid_once_each_and_never_above_what_was_captured()
    {
        var charge = GatewayRig.Charge();
        var refund = GatewayRig.Refund(charge, "10.00");
        var page = await PageAsync(charge);
        Assert.Equal(RefundState.Failed, (await Gateway.RefundAsync(refund, Cancel)).State); // not paid yet
        await PressAsync(page, "succeed");
        Assert.Equal(RefundState.Unknown, (await Gateway.InquireRefundAsync(refund, Cancel)).State);
        var reports = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Gateway.RefundAsync(refund, Cancel)));
        Assert.All(reports, report => Assert.Equal(RefundState.Completed, report.State));
        Assert.Equal(RefundState.Completed, (await Gateway.InquireRefundAsync(refund, Cancel)).State);
        Assert.Equal(RefundState.Failed, (await Gateway.RefundAsync(GatewayRig.Refund(charge, "2.35"), Cancel)).State);
        Assert.Equal(RefundState.Completed, (await Gateway.RefundAsync(GatewayRig.Refund(charge, "2.34"), Cancel)).State);
        Assert.Equal(1234, await app.Database.ScalarAsync<decimal>("select sum(amount) from gateways.sandbox_refunds"));
        await DeliverAsync();
        Assert.Equal(2, rig.Refunds.Count);
    }

    [Fact]
    public async Task What_a_dead_server_was_about_to_send_is_sent_by_another_when_its_lease_has_ended()
    {
        var charge = GatewayRig.Charge();
        await PressAsync(await PageAsync(charge), "succeed");
        await using var second = await app.SecondServerAsync();
        rig.AnswerAsync = _ => throw new HttpRequestException("away"); // kept, and tried again from the inbox: not sent twice
        var sent = await Task.WhenAll(DeliverAsync(), second.Get<SandboxDelivery>().DeliverDueAsync(Cancel));
        Assert.Equal(1, sent.Sum());
        await app.Database.ScalarAsync<int>("update gateways.sandbox_callbacks set delivered_at = null returning tries"); // it died before it could say so
        Assert.Equal(0, await DeliverAsync());
        app.Clock.Wind(TimeSpan.FromSeconds(61));
        Assert.Equal(1, await DeliverAsync());
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from gateways.callbacks"));
    }

    [Fact]
    public async Task A_callback_over_the_network_needs_the_signature()
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new SandboxEvent("evt_1", "charge.captured", app.Clock.GetUtcNow(), Guid.NewGuid().ToString("N"), null, "1.00", "USD"),
            Wire.Json
        );
        var callbacks = app.Get<SandboxCallbacks>();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(body, callbacks.Sign(body, forged: false))).StatusCode);
        Assert.Equal("callback_not_authentic", await SignedIn.Refusal(await SendAsync(body, callbacks.Sign(body, forged: true))));
        Assert.Equal("callback_not_authentic", await SignedIn.Refusal(await SendAsync(body, "")));
        Assert.Equal(1, await app.Database.ScalarAsync<long>("select count(*) from gateways.callbacks"));
    }

    private Task<HttpResponseMessage> SendAsync(byte[] body, string signature) =>
        StripeWebhookTests.SendAsync(app.Http, "/v1/gateways/sandbox/callback", SandboxCallbacks.Header, body, signature);

    private Task<int> DeliverAsync() => app.Get<SandboxDelivery>().DeliverDueAsync(Cancel);

    private async Task<Uri> PageAsync(GatewayCharge charge)
    {
        var started = await Gateway.StartAsync(charge, Cancel);
        Assert.Equal((ChargeState.Waiting, "redirect"), (started.State, started.Next!.Type));
        return new Uri(new Uri(started.Next.Url!).AbsolutePath, UriKind.Relative);
    }

    private async Task<HttpResponseMessage> PressAsync(Uri page, string outcome, string script = "")
    {
        using var form = new FormUrlEncodedContent([new("outcome", outcome), new("script", script)]);
        return await browser.PostAsync(page, form, Cancel);
    }
}
