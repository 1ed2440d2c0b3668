using Florin.Identity;
using Florin.Platform;

namespace Florin.Biometrics;

/// <summary><c>GET /v1/me/face</c>: whether a person's face is enrolled, what they agreed to, and what it pays. Never the template.</summary>
internal static class ShowFace
{
    public static void Map(RouteGroupBuilder face) => face.MapGet("", HandleAsync);

    /// <summary><c>GET /v1/users/{id}/face</c>: the same of anybody, for staff.</summary>
    public static void MapForStaff(RouteGroupBuilder v1) => v1.MapGet("/users/{id}/face", OfPersonAsync).RequireAuthorization(Policies.Staff).WithTags("users");

    private static async Task<FaceView> OfPersonAsync(string id, People people, FaceViews views, CancellationToken cancel)
    {
        var person = await people.FindAsync(Ids.Read(Person.Prefix, id), cancel) ?? throw PlatformRefusals.NotFound.With();
        return await views.OfAsync(person.Id, cancel);
    }

    private static Task<FaceView> HandleAsync(Caller caller, FaceViews views, CancellationToken cancel) => views.OfAsync(caller.Person, cancel);
}
