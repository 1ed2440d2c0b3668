using System.ComponentModel.DataAnnotations;
using Florin.Activity;
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

    private static async Task<ShowUser.Response> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Database database,
        FlorinDb db,
        SecurityNotices notices,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var person = await StaffReason.DemandAsync(db, caller, id, cancel);
        var entry = activity.Entry(http, "identity.pin_reset_by_staff", person.Id, new { reason = StaffReason.Read(request.Reason) });
        await database.TransactionAsync(
            async connection =>
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
                if (await reset.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw CredentialRefusals.PinNotSet.With();
                }

                await connection.InsertAsync(cancel, [ActivityLog.Row(entry), .. notices.Told(person, "pin_reset_by_staff")]);
                return 0;
            },
            cancel
        );
        return await ShowUser.FindAsync(db, person.Id, cancel);
    }
}
