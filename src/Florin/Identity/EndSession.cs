using Florin.Platform;

namespace Florin.Identity;

/// <summary>A person signs out: of this session (<c>current</c>) or of another of theirs.</summary>
internal static class EndSession
{
    internal static void Map(RouteGroupBuilder sessions) => sessions.MapDelete("/{id}", HandleAsync).Produces(204).RequireAuthorization(Policies.Person);

    private static async Task<IResult> HandleAsync(string id, Caller caller, HttpContext http, Sessions sessions, CancellationToken cancel)
    {
        var session = string.Equals(id, "current", StringComparison.Ordinal) ? caller.Session : Ids.Read(Sessions.Prefix, id);
        return await sessions.RevokeAsync(http, caller.Person, session, "signed_out", cancel) ? Results.NoContent() : throw PlatformRefusals.NotFound.With();
    }
}
