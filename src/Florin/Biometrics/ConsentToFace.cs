using Florin.Activity;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>
/// <c>POST /v1/me/face/consents</c>: a person agrees to the template that a shop made of them. A form with the version of the text as <c>consent</c> and one
/// new <c>photo</c>, which shows that the template is of the person who agrees: else a shop could have enrolled somebody else's face to their account.
/// </summary>
internal static class ConsentToFace
{
    private const long MostBytes = 9 * 1024 * 1024;

    /// <param name="Consent">The version of the text that the person agrees to.</param>
    /// <param name="Photo">A JPEG or PNG file.</param>
    /// <param name="Password">Where the sign-in is older than ten minutes.</param>
    public sealed record Request(string Consent, IFormFile Photo, [property: Secret] string? Password = null);

    public static void Map(RouteGroupBuilder face) =>
        face.MapPost("/consents", HandleAsync).LimitRate(RateLimit.Guessing).LimitBody(MostBytes).Accepts<Request>("multipart/form-data").Produces<FaceView>();

    private static async Task<IResult> HandleAsync(
        Caller caller,
        HttpContext http,
        People people,
        Proofs proofs,
        ConsentTexts consents,
        FaceStore faces,
        FaceEnrolment enrolment,
        FaceAttempts attempts,
        FaceViews views,
        SecurityNotices notices,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var form = await FormPictures.ReadAsync(http.Request, "photo", 1, MostBytes, cancel);
        await consents.DemandCurrentAsync(form.Fields.GetValueOrDefault("consent"), cancel);
        if (form.Pictures is not [{ } photo])
        {
            throw PlatformRefusals.InvalidRequest.Field("photo", "send one picture");
        }

        var person = (await people.FindAsync(caller.Person, cancel))!;
        person.DemandClaimed();
        await proofs.RequireFreshOrPasswordAsync(http, caller, form.Fields.GetValueOrDefault("password"), cancel);
        var face = await faces.FindAsync(caller.Person, cancel) ?? throw BiometricsRefusals.NotEnrolled.With("There is no template of your face.");
        if (face.IsActive(claimed: true))
        {
            throw BiometricsRefusals.ConsentNotAsked.With();
        }

        attempts.Demand(face);
        var now = clock.GetUtcNow();
        var verdict = await enrolment.CompareAsync(face, photo, cancel);
        await attempts.TakeAsync(
            http,
            face,
            verdict,
            refused => Row(face, verdict, refused, now),
            (connection, outcome) => outcome is FaceAttempt.Accepted ? enrolment.RememberNewAsync(connection, face, photo) : Task.CompletedTask
        );
        var consent = new ConsentRow(caller.Person, form.Fields["consent"], null, null, now);
        await faces.ConfirmAsync(
            face,
            consent,
            [
                ActivityLog.Row(activity.Entry(http, "biometrics.face_consented", details: new { consent = consent.Version })),
                .. notices.Rows(http, person, "face_enrolled"),
            ],
            cancel
        );
        return Results.Json(await views.OfAsync(caller.Person, cancel), Wire.Json);
    }

    private static FaceAttempt Row(EnrolledFace face, FaceVerdict verdict, RefusalCode? refused, DateTimeOffset now) =>
        new()
        {
            At = now,
            PersonId = face.PersonId,
            Outcome = refused?.Code ?? FaceAttempt.Accepted,
            Counted = verdict.Counts && refused == verdict.Refusal,
            Score = (float?)verdict.Score,
            Threshold = (float?)verdict.Threshold,
            Frames = 1,
            Photos = face.Photos,
            ModelId = face.ModelId,
            TookMs = 0,
        };
}
