using Florin.Platform;

namespace Florin.Biometrics;

/// <summary><c>GET /v1/me/face</c>: whether a person's face is enrolled, what they agreed to, and what it pays. Never the template.</summary>
internal static class ShowFace
{
    public static void Map(RouteGroupBuilder face) => face.MapGet("", HandleAsync);

    private static Task<FaceView> HandleAsync(Caller caller, FaceViews views, CancellationToken cancel) => views.OfAsync(caller.Person, cancel);
}
