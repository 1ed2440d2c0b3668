using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;

namespace Florin.Identity;

/// <summary><c>GET /v1/users/{id}/sessions</c> shows staff where somebody is signed in; <c>POST /v1/users/{id}/sign-out</c> ends all of it.</summary>
internal static class SignOutUser
{
    /// <param name="Reason">3 to 200 characters; the person may read it in their activity.</param>
    public sealed record Request([property: Required, StringLength(StaffReason.Length, MinimumLength = StaffReason.Shortest)] string Reason);

    /// <param name="Ended">How many sessions ended.</param>
    public sealed record Response(int Ended);

    internal static void Map(RouteGroupBuilder users)
    {
        users.MapGet("/{id}/sessions", ListAsync);
        users.MapPost("/{id}/sign-out", HandleAsync).RequireAuthorization(Policies.Support);
    }

    private static async Task<Page<ListSessions.Response>> ListAsync(
        string id,
        int? limit,
        string? cursor,
        Caller caller,
        FlorinDb db,
        Database database,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var person = Ids.Read(Person.Prefix, id);
        _ = await ShowUser.FindAsync(db, person, cancel);
        return await ListSessions.ReadAsync(person, caller.Session, database, clock, PageRequest.Read(limit, cursor), cancel);
    }

    private static async Task<Response> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Database database,
        FlorinDb db,
        Sessions sessions,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var person = await StaffReason.DemandAsync(db, caller, id, cancel);
        var reason = StaffReason.Read(request.Reason);
        var ended = await database.TransactionAsync(
            async connection =>
            {
                var revoked = await sessions.RevokeAllAsync(connection, person.Id, null, "by_staff", cancel);
                var entry = activity.Entry(http, "identity.signed_out_by_staff", person.Id, new { reason, sessions = revoked.Count });
                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return revoked;
            },
            cancel
        );
        sessions.MakeKnown(ended);
        return new Response(ended.Count);
    }
}
