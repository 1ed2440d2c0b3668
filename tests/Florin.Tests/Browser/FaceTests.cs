using Florin.Biometrics;
using Florin.Tests.Biometrics;
using Florin.Tests.Payments;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Florin.Tests.Browser;

/// <summary>A face from the first photo to the tick at the till, in a real browser before its made-up camera; a stand-in engine says what is in the pictures.</summary>
public sealed class FaceTests
{
    // About six seconds of turning the head, and what a busy machine adds.
    private const float Turning = 30_000;

    private static readonly double[] Poses = [0, 15, -15];
    private int takes;
    private int frames;
    private string person = "alice";

    [Fact]
    public async Task A_face_is_enrolled_pays_at_the_till_and_is_deleted_and_somebody_elses_does_not_pay()
    {
        await using var engine = await StandInEngine.StartAsync();
        await using var browser = await BrowserApp.StartAsync(("FLORIN_FACE_ENGINE", engine.Setting));
        await browser.App.Get<FaceEngineProcess>().AvailableAsync(TestContext.Current.CancellationToken);
        engine.Unscripted = purpose => SeeAsync(browser.App, purpose);

        var alice = await browser.NewPageAsync("alice");
        await alice.AddInitScriptAsync("window.confirm = () => true");
        await alice.Context.GrantPermissionsAsync(["camera"]);
        await alice.GotoAsync("/account/face");
        await browser.ScanAsync(alice);
        await alice.Locator("#face-agree").CheckAsync();
        await alice.Locator("#face-start").ClickAsync();
        await alice.WaitForURLAsync("**/account/face?saved=1");
        await Expect(alice.Locator("#face-state")).ToHaveTextAsync("Your face pays");
        await browser.ScanAsync(alice);

        var till = await browser.NewPageAsync("corner-shop", phone: false);
        await till.Context.GrantPermissionsAsync(["camera"]);
        await till.GotoAsync("/portal/sale");
        await till.Locator("[name=amount]").FillAsync("7.00");
        await till.Locator("form[action^='/portal/sale'] button.btn-primary").ClickAsync();
        await till.Locator("a[href$='/face']").ClickAsync();
        await till.Locator("#field-payer").FillAsync("alice");
        person = "somebody else";
        await till.Locator("#face-form button").ClickAsync();
        await Expect(till.Locator("#face-hint[data-code=face_mismatch]")).ToBeVisibleAsync(new() { Timeout = Turning });
        await Expect(till.Locator("a.btn-lg[href^='/portal/payments/']")).ToBeVisibleAsync(); // the other ways stay in sight
        person = "alice";
        await till.Locator("#face-form button").ClickAsync();
        await Expect(till.Locator(".tick")).ToBeVisibleAsync(new() { Timeout = Turning });
        Assert.Equal(1, await browser.App.Database.ScalarAsync<long>("select count(*) from biometrics.attempts where outcome = 'accepted'"));
        Assert.Equal(1, await browser.App.Database.ScalarAsync<long>("select count(*) from biometrics.attempts where outcome = 'face_mismatch'"));

        await alice.Locator("form[action$='/delete'] button").ClickAsync();
        await Expect(alice.Locator("#face-receipt")).ToContainTextAsync("rcp_");
        await Books.CheckAsync(browser.App);
    }

    // Photos look straight and to both sides in turn; frames do what the newest challenge asks.
    private async Task<ScriptedPicture> SeeAsync(FlorinApp app, string purpose)
    {
        var take = Interlocked.Increment(ref takes);
        if (purpose is "enrol")
        {
            return new ScriptedPicture
            {
                Person = "alice",
                Take = take,
                Yaw = Poses[(take - 1) % Poses.Length],
            };
        }

        var steps = (await app.Database.ScalarAsync<string>("select steps from biometrics.challenges order by expires_at desc limit 1"))!.Split(',');
        var step = steps[frames];
        frames = (frames + 1) % steps.Length;
        var yaw = step switch
        {
            "left" => 20,
            "right" => -20,
            _ => 0,
        };
        return new ScriptedPicture
        {
            Person = person,
            Take = take,
            Yaw = yaw,
        };
    }
}
