using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>
/// <c>POST /v1/users/{id}/freeze</c> and <c>…/unfreeze</c>: a frozen person can neither sign in nor pay nor be paid out, and their money stays. Support may
/// freeze; only an admin gives the account back.
/// </summary>
internal static class FreezeUser
{
    /// <param name="Reason">3 to 200 characters; the person may read it in their activity.</param>
    public sealed record Request([property: Required, StringLength(StaffReason.Length, MinimumLength = StaffReason.Shortest)] string Reason);

    internal static void Map(RouteGroupBuilder users)
    {
        users.MapPost("/{id}/freeze", FreezeAsync).RequireAuthorization(Policies.Support);
        users.MapPost("/{id}/unfreeze", UnfreezeAsync).RequireAuthorization(Policies.Admin);
    }

    private static Task<ShowUser.Response> FreezeAsync(string id, Request request, Caller caller, FlorinDb db, Freezing freezing, CancellationToken cancel) =>
        freezing.SetAsync(id, request, caller, frozen: true, db, cancel);

    private static Task<ShowUser.Response> UnfreezeAsync(string id, Request request, Caller caller, FlorinDb db, Freezing freezing, CancellationToken cancel) =>
        freezing.SetAsync(id, request, caller, frozen: false, db, cancel);

    /// <summary>Freezes and unfreezes, guarded by what the person is under the lock.</summary>
    internal sealed class Freezing(
        Database database,
        Sessions sessions,
        PersonFreeze money,
        ActivityLog activity,
        IHttpContextAccessor request,
        TimeProvider clock
    )
    {
        /// <exception cref="Refusal"><c>not_found</c>, <c>forbidden</c>, <c>own_roles</c>, <c>last_admin</c></exception>
        public async Task<ShowUser.Response> SetAsync(string id, Request wish, Caller caller, bool frozen, FlorinDb db, CancellationToken cancel)
        {
            var person = await StaffReason.DemandAsync(db, caller, id, cancel);
            if (person.Id == caller.Person)
            {
                throw CredentialRefusals.OwnRoles.With();
            }

            var entry = activity.Entry(
                request.HttpContext!,
                frozen ? "identity.frozen" : "identity.unfrozen",
                person.Id,
                new { reason = StaffReason.Read(wish.Reason) }
            );
            var ended = await database.TransactionAsync(
                async connection =>
                {
                    var before = await Admins.LockAsync(connection, person.Id, cancel);
                    if (frozen && before.IsLastAdmin)
                    {
                        throw CredentialRefusals.LastAdmin.With();
                    }

                    if (before.Active != frozen)
                    {
                        return []; // it is so already: only the money is looked at again
                    }

                    await UpdateAsync(connection, person.Id, frozen, cancel);
                    await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                    return frozen ? await sessions.RevokeAllAsync(connection, person.Id, null, "frozen", cancel) : [];
                },
                cancel
            );
            sessions.MakeKnown(ended);
            // After the account: were this to fail, the same call does it, and nobody signs in meanwhile.
            await money.SetAsync(person.Id, frozen, CancellationToken.None);
            return await ShowUser.FindAsync(db, person.Id, cancel);
        }

        private async Task UpdateAsync(NpgsqlConnection connection, Guid person, bool frozen, CancellationToken cancel)
        {
            await using var update = new NpgsqlCommand(
                """
                update identity.people set deactivated_at = case when $2 then $3::timestamptz end, updated_at = $3
                where id = $1 and (deactivated_at is null) = $2 and deleted_at is null
                """,
                connection
            );
            update.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
            update.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = frozen });
            update.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
            if (await update.ExecuteNonQueryAsync(cancel) != 1)
            {
                throw PlatformRefusals.NotFound.With();
            }
        }
    }
}
