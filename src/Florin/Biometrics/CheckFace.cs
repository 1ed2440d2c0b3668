using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>
/// <c>POST /v1/me/face/checks</c>: what a person should do so that their picture becomes a good one. The body is one JPEG or PNG. Hints only: nothing is
/// compared, kept or noted.
/// </summary>
internal static class CheckFace
{
    private const long MostBytes = 2 * 1024 * 1024;

    // A full HD picture: what is larger keeps the engine from the tills, and tells no more about the face.
    private const int MostPixels = 1920 * 1080;

    // Two a second while the photos are taken.
    private static readonly RateLimit Limit = new("face_checks", 120, TimeSpan.FromMinutes(1));

    /// <param name="Ok">Whether the picture could become part of a template.</param>
    /// <param name="Hint">The code of what to mend; null where it is good.</param>
    /// <param name="Message">The same in words.</param>
    /// <param name="Yaw">How the head is turned, in degrees: positive to the person's own left.</param>
    public sealed record Response(bool Ok, string? Hint, string? Message, double? Yaw);

    public static void Map(RouteGroupBuilder face) =>
        face.MapPost("/checks", HandleAsync).LimitRate(Limit).LimitBody(MostBytes).Accepts<IFormFile>("image/jpeg", "image/png");

    private static async Task<Response> HandleAsync(Caller caller, HttpContext http, FaceEngine engine, CancellationToken cancel)
    {
        _ = caller;
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, cancel);
        var picture = PictureHeader.Read(body.GetBuffer().AsSpan(0, (int)body.Length)); // what is no picture does not reach the engine
        if ((long)picture.Width * picture.Height > MostPixels)
        {
            throw BiometricsEngineRefusals.ImageTooLarge.With("To be checked it may have 2 megapixels (1920 × 1080) at most.");
        }

        var described = await engine.DescribeAsync(body.GetBuffer().AsMemory(0, (int)body.Length), FacePurpose.Check, cancel);
        var fault = FaceQualityRules.FaultToEnrol(described);
        return new Response(fault is null, fault?.Code, fault?.Title, described.Faces is [{ } face, ..] ? Math.Round(face.Pose.Yaw) : null);
    }
}
