using System.Net;
using Florin.Payments;
using Florin.Tests.Identity;

namespace Florin.Tests.Gateways;

public sealed class AamarPayReturnTests : IAsyncLifetime
{
    private readonly GatewayRig rig = new();
    private readonly GatewayCharge charge = GatewayRig.Charge("10.00", "BDT");
    private FlorinApp app = null!;
    private HttpClient browser = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        app = rig.App();
        await app.InitializeAsync();
        rig.Payments[charge.Attempt] = charge.Payment;
#pragma warning disable CA2000 // the client disposes it
        browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = app.Http.BaseAddress };
#pragma warning restore CA2000
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await app.DisposeAsync();
    }

    [Theory]
    [InlineData("success")]
    [InlineData("fail")]
    [InlineData("cancel")]
    public async Task Whatever_the_browser_says_the_gateway_is_asked_and_the_payer_led_back(string kind)
    {
        var path = $"/v1/gateways/aamarpay/{charge.Attempt:N}/{kind}";
        using var form = new FormUrlEncodedContent([new("pay_status", "Successful"), new("amount", "1000000.00"), new("mer_txnid", "another")]);
        var answer = kind is "cancel" ? await browser.GetAsync(new Uri(path, UriKind.Relative), Cancel) : await browser.PostAsync(path, form, Cancel);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("/pay/" + charge.Payment.Code, answer.Headers.Location!.OriginalString);
        Assert.Equal(charge.Attempt, Assert.Single(rig.Attempts));
        Assert.Equal(kind + " asked", await app.Database.ScalarAsync<string>("select kind || ' ' || outcome from gateways.callbacks"));
    }

    [Fact]
    public async Task Words_about_nothing_of_ours_are_not_kept()
    {
        foreach (var attempt in new[] { Guid.NewGuid().ToString("N"), "nonsense", charge.Attempt.ToString("D") })
        {
            var answer = await browser.PostAsync($"/v1/gateways/aamarpay/{attempt}/success", null, Cancel);
            Assert.Equal("not_found", await SignedIn.Refusal(answer));
        }

        Assert.Equal(0, await app.Database.ScalarAsync<long>("select count(*) from gateways.callbacks"));
        Assert.Empty(rig.Attempts);
    }

    [Fact]
    public async Task A_payer_is_led_back_even_where_the_gateway_cannot_be_asked()
    {
        rig.AnswerAsync = _ => throw new HttpRequestException("away");
        var answer = await browser.PostAsync($"/v1/gateways/aamarpay/{charge.Attempt:N}/fail", null, Cancel);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        await app.Database.WaitAsync("select count(*) = 1 from gateways.callbacks where outcome = 'failed'");
    }

    [Fact]
    public async Task A_payer_does_not_wait_for_a_gateway_that_hangs()
    {
        var hanging = new TaskCompletionSource<GatewayReport?>();
        rig.AnswerAsync = _ => hanging.Task;
        var answer = await browser.PostAsync($"/v1/gateways/aamarpay/{charge.Attempt:N}/success", null, Cancel); // five seconds
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("received", await app.Database.ScalarAsync<string>("select outcome from gateways.callbacks"));
        hanging.SetResult(new GatewayReport(ChargeState.Captured));
        await app.Database.WaitAsync("select count(*) = 1 from gateways.callbacks where outcome = 'asked'");
    }
}
