using System.ComponentModel.DataAnnotations;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>
/// <c>POST /v1/users/{id}/pin-reset</c>: staff make somebody's PIN worthless. The person, who is told, chooses another by a code that goes to their proven
/// address: nobody of the staff ever knows or sets a PIN.
/// </summary>
internal static class ResetUserPin
{
    /// <param name="Reason">3 to 200 characters; the person may read it in their activity.</param>
    public sealed record Request([property: Required, StringLength(StaffReason.Length, MinimumLength = StaffReason.Shortest)] string Reason);

    internal static void Map(RouteGroupBuilder users) => users.MapPost("/{id}/pin-reset", HandleAsync).RequireAuthorization(Policies.Support);

    private static Task<ShowUser.Response> HandleAsync(
        string id,
        Request request,
        StaffAct act,
        SecurityNotices notices,
        TimeProvider clock,
        CancellationToken cancel
    ) =>
        act.DoAsync(
            id,
            request.Reason,
            "identity.pin_reset_by_staff",
            async (connection, person) =>
            {
                await using var reset = new NpgsqlCommand(
                    """
                    update identity.people set pin_locked_at = coalesce(pin_locked_at, $2), pin_failures = $3
                    where id = $1 and pin_hash is not null and deleted_at is null
                    """,
                    connection
                );
                reset.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person.Id });
                reset.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
                reset.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Pins.Tries });
                return await reset.ExecuteNonQueryAsync(cancel) == 1 ? notices.Told(person, "pin_reset_by_staff") : throw CredentialRefusals.PinNotSet.With();
            },
            cancel
        );
}
