using Florin.Identity;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Qr.Pages;

/// <summary><c>/account/totp</c>: one-time codes at sign-in: on with a code to scan, off with the password and one of them.</summary>
public static class TotpPage
{
    private const int ImageSize = 300;

    /// <summary>What the page shows.</summary>
    /// <param name="On">Whether they are on.</param>
    /// <param name="RecoveryCodesLeft">How many are left.</param>
    /// <param name="PasswordNeeded">Whether starting needs the password, since the sign-in is some time ago.</param>
    /// <param name="Secret">Of the app to be, once it is started.</param>
    /// <param name="Address">The same for the app's camera.</param>
    /// <param name="Codes">The recovery codes, this once.</param>
    /// <param name="Refused">Why it is shown again.</param>
    public sealed record Form(
        bool On,
        int RecoveryCodesLeft = 0,
        bool PasswordNeeded = false,
        string? Secret = null,
        string? Address = null,
        IReadOnlyList<string>? Codes = null,
        PageRefusal? Refused = null
    )
    {
        /// <summary>The code to scan, as SVG.</summary>
        internal string Image => QrImage.Svg(Address!, ImageSize, QrImage.UsualMargin);
    }

    private sealed record Me(bool TotpEnabled, int RecoveryCodesLeft);

    private sealed record Started(string Secret, string OtpauthUri);

    private sealed record Confirmed(IReadOnlyList<string> RecoveryCodes);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("", async (PageApi api) => PageAnswers.Page<OneTimeCodes>(await ReadAsync(api)));
        pages.MapPost("/start", StartAsync).LimitRate(RateLimit.Guessing);
        pages.MapPost("/confirm", ConfirmAsync).LimitRate(RateLimit.Guessing);
        pages.MapPost("/stop", StopAsync).LimitRate(RateLimit.Guessing);
    }

    private static async Task<Form> ReadAsync(PageApi api)
    {
        var me = await api.GetAsync<Me>("/v1/me");
        return new Form(me.TotpEnabled, me.RecoveryCodesLeft);
    }

    private static async Task<IResult> StartAsync(IFormCollection form, PageApi api)
    {
        try
        {
            var password = form["password"].ToString();
            var started = await api.SendAsync<Started>("POST", "/v1/me/totp", new { password = password.Length > 0 ? password : null });
            return PageAnswers.Page<OneTimeCodes>(new Form(On: false, Secret: started.Secret, Address: started.OtpauthUri));
        }
        catch (PageRefusal refused)
        {
            var asked = refused.Code is "password_required";
            var again = await ReadAsync(api) with { PasswordNeeded = asked || form.ContainsKey("password"), Refused = asked ? null : refused };
            return PageAnswers.Page<OneTimeCodes>(again, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> ConfirmAsync(IFormCollection form, PageContext page, PageSessions sessions, PageApi api)
    {
        try
        {
            var confirmed = await api.SendAsync<Confirmed>("POST", "/v1/me/totp/confirm", new { code = form["code"].ToString().Trim() });
            sessions.ReadAgain(page.Http); // proven by the code from now on
            return PageAnswers.Page<OneTimeCodes>(new Form(On: true, confirmed.RecoveryCodes.Count, Codes: confirmed.RecoveryCodes));
        }
        catch (PageRefusal refused)
        {
            var again = await ReadAsync(api) with { Secret = form["secret"], Address = form["address"], Refused = refused };
            return PageAnswers.Page<OneTimeCodes>(again, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> StopAsync(IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("DELETE", "/v1/me/totp", new { password = form["password"].ToString(), code = form["code"].ToString().Trim() });
            return PageAnswers.Go("/account/totp");
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<OneTimeCodes>(await ReadAsync(api) with { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }
}
