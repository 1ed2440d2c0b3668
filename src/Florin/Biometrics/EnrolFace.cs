using Florin.Activity;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>
/// <c>PUT /v1/me/face</c>: a person enrols their face, or puts another template in the place of what was there. A form with one to five files <c>photos</c>
/// (three are best), the version of the text that they agree to as <c>consent</c>, and, ten minutes after the sign-in, the <c>password</c>.
/// </summary>
internal static class EnrolFace
{
    /// <summary>How many photos a template is made of at most.</summary>
    public const int MostPhotos = 5;

    // Five pictures of a camera.
    private const long MostBytes = 20 * 1024 * 1024;

    /// <param name="Consent">The version of the text that the person agrees to.</param>
    /// <param name="Photos">JPEG or PNG files.</param>
    /// <param name="Password">Where the sign-in is older than ten minutes.</param>
    public sealed record Request(string Consent, IFormFileCollection Photos, [property: Secret] string? Password = null);

    public static void Map(RouteGroupBuilder face) =>
        face.MapPut("", HandleAsync).LimitRate(RateLimit.Guessing).LimitBody(MostBytes).Accepts<Request>("multipart/form-data").Produces<FaceView>();

    private static async Task<IResult> HandleAsync(
        Caller caller,
        HttpContext http,
        People people,
        Proofs proofs,
        ConsentTexts consents,
        FaceEnrolment enrolment,
        FaceStore faces,
        FaceViews views,
        SecurityNotices notices,
        ActivityLog activity,
        Secrets secrets,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var form = await FormPictures.ReadAsync(http.Request, "photos", MostPhotos, MostBytes, cancel);
        foreach (var field in form.Fields.Keys)
        {
            if (field is not ("consent" or "password"))
            {
                throw PlatformRefusals.InvalidRequest.Field(field, "is not a field of this request");
            }
        }

        await consents.DemandCurrentAsync(form.Fields.GetValueOrDefault("consent"), cancel);
        if (form.Pictures.Count == 0)
        {
            throw PlatformRefusals.InvalidRequest.Field("photos", $"send one to {MostPhotos} pictures");
        }

        var person = (await people.FindAsync(caller.Person, cancel))!;
        person.DemandClaimed();
        await proofs.RequireFreshOrPasswordAsync(http, caller, form.Fields.GetValueOrDefault("password"), cancel);
        var described = await enrolment.DescribeAsync(form.Pictures, cancel);
        var now = clock.GetUtcNow();
        var face = await faces.ReplaceAsync(
            limits => EnrolledFace.Draw(caller.Person, null, described, limits, secrets, now),
            new ConsentRow(caller.Person, form.Fields["consent"], null, null, now),
            [
                ActivityLog.Row(activity.Entry(http, "biometrics.face_enrolled", details: new { photos = described.Count, consent = form.Fields["consent"] })),
                .. notices.Rows(http, person, "face_enrolled"),
            ],
            DemandAccountAsync,
            cancel
        );
        await enrolment.RememberAsync(face, form.Pictures);
        return Results.Json(await views.OfAsync(caller.Person, cancel), Wire.Json);

        async Task DemandAccountAsync()
        {
            if (await people.FindAsync(caller.Person, cancel) is not { Active: true })
            {
                throw PlatformRefusals.NotSignedIn.With();
            }
        }
    }
}
