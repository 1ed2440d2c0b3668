using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Money;
using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>
/// <c>PATCH /v1/me/face</c>: with the PIN, or soon after the sign-in or with the password, a person sets what their face pays without the PIN, and ends a
/// lock after too many wrong faces.
/// </summary>
internal static class ChangeFace
{
    /// <param name="Limits">One amount per currency at most; zero for always asking, and the usual limit in currencies that are left out. Left out: as it is.</param>
    /// <param name="Pin">The person's PIN, or</param>
    /// <param name="Password">the account's password, where the sign-in is older than ten minutes.</param>
    public sealed record Request(
        [property: MaxLength(20)] IReadOnlyList<Amount>? Limits = null,
        [property: Secret] [property: StringLength(6)] string? Pin = null,
        [property: Secret] string? Password = null
    );

    public static void Map(RouteGroupBuilder face) => face.MapPatch("", HandleAsync).LimitRate(RateLimit.Guessing).Produces<FaceView>();

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        People people,
        Pins pins,
        Proofs proofs,
        FaceStore faces,
        FaceViews views,
        BiometricsSettings settings,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var limits = request.Limits is null ? null : FaceView.LimitsOf(request.Limits, settings);
        (await people.FindAsync(caller.Person, cancel))!.DemandClaimed();
        if (request.Pin is not null)
        {
            await pins.VerifyAsync(caller.Person, request.Pin, cancel);
        }
        else
        {
            await proofs.RequireFreshOrPasswordAsync(http, caller, request.Password, cancel);
        }

        await faces.SetLimitsAsync(caller.Person, limits, activity.Entry(http, "biometrics.face_changed", details: new { request.Limits }), cancel);
        return Results.Json(await views.OfAsync(caller.Person, cancel), Wire.Json);
    }
}
