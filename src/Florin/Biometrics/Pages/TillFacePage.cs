using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Biometrics.Pages;

/// <summary><c>/portal/payments/{id}/face</c>: at the till the named payer looks into the camera and turns their head; the other ways to pay stay in sight.</summary>
public static class TillFacePage
{
    private const long MostBytes = 8 * 1024 * 1024;

    /// <summary>What the page shows.</summary>
    /// <param name="Payment">What is paid.</param>
    public sealed record Shown(PaymentView Payment);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/{id}/face", async (string id, PageApi api) => PageAnswers.Page<TillFace>(new Shown(await api.GetAsync<PaymentView>(Of(id)))));
        pages.MapPost(
            "/{id}/face/challenges",
            (string id, HttpContext http, PageApi api, PageContext page) => FacePages.PassAsync(http, api, page, "POST", Of(id) + "/face-challenges")
        );
        pages
            .MapPost(
                "/{id}/face/pay",
                (string id, HttpContext http, PageApi api, PageContext page) => FacePages.PassAsync(http, api, page, "POST", Of(id) + "/pay")
            )
            .LimitBody(MostBytes);
    }

    private static string Of(string id) => "/v1/payments/" + Uri.EscapeDataString(id);
}
