using System.ComponentModel.DataAnnotations;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary><c>POST /v1/users/{id}/unlock</c>: staff lift the lock that wrong passwords put on somebody's sign-in. The password stays as it is.</summary>
internal static class UnlockUser
{
    /// <param name="Reason">3 to 200 characters; the person may read it in their activity.</param>
    public sealed record Request([property: Required, StringLength(StaffReason.Length, MinimumLength = StaffReason.Shortest)] string Reason);

    internal static void Map(RouteGroupBuilder users) => users.MapPost("/{id}/unlock", HandleAsync).RequireAuthorization(Policies.Support);

    private static Task<ShowUser.Response> HandleAsync(string id, Request request, StaffAct act, CancellationToken cancel) =>
        act.DoAsync(
            id,
            request.Reason,
            "identity.unlocked",
            async (connection, person) =>
            {
                await using var unlock = new NpgsqlCommand(
                    "update identity.people set locked_until = null, sign_in_failures = 0 where id = $1 and deleted_at is null",
                    connection
                );
                unlock.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person.Id });
                return await unlock.ExecuteNonQueryAsync(cancel) == 1 ? [] : throw PlatformRefusals.NotFound.With();
            },
            cancel
        );
}
