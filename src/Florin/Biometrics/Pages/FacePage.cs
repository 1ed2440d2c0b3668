using System.Globalization;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Biometrics.Pages;

/// <summary><c>/account/face</c>: a person reads what they agree to, takes three photos with hints, sets the limit, and deletes their face.</summary>
public static class FacePage
{
    // Five pictures of a camera.
    private const long MostBytes = 20 * 1024 * 1024;
    private const long MostCheckBytes = 2 * 1024 * 1024;

    /// <summary>What the page shows.</summary>
    public sealed record Form
    {
        internal FaceView Face { get; init; } = null!;

        internal ShowConsentText.Response Consent { get; init; } = null!;

        internal DeletionReceipt? Deleted { get; init; }

        internal bool Saved { get; init; }

        internal PageRefusal? Refused { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("", async (string? saved, PageApi api) => PageAnswers.Page<Face>(await ReadAsync(api) with { Saved = saved is not null }));
        pages
            .MapPost("/photos", (HttpContext http, PageApi api, PageContext page) => FacePages.PassAsync(http, api, page, "PUT", "/v1/me/face"))
            .LimitBody(MostBytes);
        pages
            .MapPost("/consent", (HttpContext http, PageApi api, PageContext page) => FacePages.PassAsync(http, api, page, "POST", "/v1/me/face/consents"))
            .LimitBody(MostBytes);
        pages
            .MapPost("/check", (HttpContext http, PageApi api, PageContext page) => FacePages.PassAsync(http, api, page, "POST", "/v1/me/face/checks"))
            .LimitBody(MostCheckBytes);
        pages.MapPost("/limit", ChangeAsync);
        pages.MapPost("/delete", DeleteAsync);
    }

    private static async Task<Form> ReadAsync(PageApi api) =>
        new() { Face = await api.GetAsync<FaceView>("/v1/me/face"), Consent = await api.GetAsync<ShowConsentText.Response>("/v1/face-consents/current") };

    /// <summary>The text in the reader's language, else in English.</summary>
    internal static string TextOf(ShowConsentText.Response consent) =>
        consent.Texts.TryGetValue(CultureInfo.CurrentUICulture.TwoLetterISOLanguageName, out var text) ? text : consent.Texts["en"];

    private static async Task<IResult> ChangeAsync(IFormCollection form, PageApi api)
    {
        try
        {
            var now = await api.GetAsync<FaceView>("/v1/me/face");
            var changed = form["currency"].ToString();
            // What the person never set stays unset: it goes on following their wallets.
            var kept = now.Limits.Where(limit =>
                limit.Currency.Code is var code && (now.LimitsSet.Contains(code) || string.Equals(code, changed, StringComparison.Ordinal))
            );
            var limits = kept.Select(limit =>
            {
                if (!string.Equals(limit.Currency.Code, changed, StringComparison.Ordinal))
                {
                    return new { amount = limit.ToString(), currency = limit.Currency.Code };
                }

                var typed = TypedAmount.Read(form["limit"].ToString(), limit.Currency);
                return new { amount = typed.Amount, currency = typed.Currency };
            });
            await api.SendAsync("PATCH", "/v1/me/face", new { limits, pin = form["pin"].ToString() is { Length: > 0 } pin ? pin : null });
            return PageAnswers.Go("/account/face?saved=1");
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<Face>(await ReadAsync(api) with { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> DeleteAsync(PageApi api)
    {
        var receipt = await api.SendAsync<DeletionReceipt>("DELETE", "/v1/me/face");
        return PageAnswers.Page<Face>(await ReadAsync(api) with { Deleted = receipt });
    }
}
