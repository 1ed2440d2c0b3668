using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary><c>POST /v1/users/{id}/unlock</c>: staff lift the lock that wrong passwords put on somebody's sign-in. The password stays as it is.</summary>
internal static class UnlockUser
{
    /// <param name="Reason">3 to 200 characters; the person may read it in their activity.</param>
    public sealed record Request([property: Required, StringLength(StaffReason.Length, MinimumLength = StaffReason.Shortest)] string Reason);

    internal static void Map(RouteGroupBuilder users) => users.MapPost("/{id}/unlock", HandleAsync).RequireAuthorization(Policies.Support);

    private static async Task<ShowUser.Response> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Database database,
        FlorinDb db,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var person = await StaffReason.DemandAsync(db, caller, id, cancel);
        var entry = activity.Entry(http, "identity.unlocked", person.Id, new { reason = StaffReason.Read(request.Reason) });
        await database.TransactionAsync(
            async connection =>
            {
                await using var unlock = new NpgsqlCommand(
                    "update identity.people set locked_until = null, sign_in_failures = 0 where id = $1 and deleted_at is null",
                    connection
                );
                unlock.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person.Id });
                if (await unlock.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw PlatformRefusals.NotFound.With();
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return 0;
            },
            cancel
        );
        return await ShowUser.FindAsync(db, person.Id, cancel);
    }
}
