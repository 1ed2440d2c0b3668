using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/account/pin</c>: the PIN: the first by the password, another by the present one, a forgotten or locked one by a code.</summary>
public static class PinPage
{
    /// <summary>What the page shows.</summary>
    /// <param name="Set">Whether there is a PIN.</param>
    /// <param name="Locked">Whether wrong ones locked it.</param>
    /// <param name="Saved">Whether it has just been set.</param>
    /// <param name="Refused">Why it is shown again.</param>
    public sealed record Form(bool Set, bool Locked, bool Saved = false, PageRefusal? Refused = null);

    /// <summary>The step with the code.</summary>
    public sealed record ResetForm(string Id, string? SandboxCode = null, PageRefusal? Refused = null);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/pin", async (string? saved, PageApi api) => PageAnswers.Page<PinForm>(await ReadAsync(api) with { Saved = saved is not null }));
        pages.MapPost("/pin", SetAsync).LimitRate(RateLimit.Guessing);
        pages.MapPost("/pin/reset", StartAsync).LimitRate(RateLimit.Guessing);
        pages.MapPost("/pin/reset/{id}", ConfirmAsync).LimitRate(RateLimit.Guessing);
    }

    private static async Task<Form> ReadAsync(PageApi api)
    {
        var me = await api.GetAsync<ShowMe.Response>("/v1/me");
        return new Form(me.PinSet, me.PinLocked);
    }

    private static async Task<IResult> SetAsync(IFormCollection form, PageApi api)
    {
        var order = new
        {
            pin = form["new_pin"].ToString(),
            current_pin = Given(form["current_pin"]),
            password = Given(form["password"]),
        };
        try
        {
            await api.SendAsync("PUT", "/v1/me/pin", order);
            return PageAnswers.Go("/account/pin?saved=1");
        }
        catch (PageRefusal refused)
        {
            return await AgainAsync(api, refused);
        }
    }

    private static async Task<IResult> StartAsync(PageApi api)
    {
        try
        {
            var started = await api.SendAsync<ResetPin.Response>("POST", "/v1/me/pin/reset");
            return PageAnswers.Page<PinReset>(new ResetForm(started.Id, started.SandboxCode));
        }
        catch (PageRefusal refused)
        {
            return await AgainAsync(api, refused);
        }
    }

    private static async Task<IResult> ConfirmAsync(string id, IFormCollection form, PageApi api)
    {
        var order = new
        {
            id,
            code = form["code"].ToString().Trim(),
            pin = form["pin"].ToString(),
        };
        try
        {
            await api.SendAsync("POST", "/v1/me/pin/reset/confirm", order);
            return PageAnswers.Go("/account/pin?saved=1");
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<PinReset>(new ResetForm(id, Refused: refused), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> AgainAsync(PageApi api, PageRefusal refused) =>
        PageAnswers.Page<PinForm>(await ReadAsync(api) with { Refused = refused }, StatusCodes.Status422UnprocessableEntity);

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
