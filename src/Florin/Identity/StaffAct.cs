using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>Does something to a person for staff: whom they may, with a reason, in one transaction with the row that says so.</summary>
internal sealed class StaffAct(FlorinDb db, Database database, ActivityLog activity, IHttpContextAccessor request)
{
    /// <param name="id"><c>usr_…</c></param>
    /// <param name="reason">As it was given.</param>
    /// <param name="action">What the row calls it.</param>
    /// <param name="workAsync">Does it, and gives what else is written with it.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The person as they are now.</returns>
    /// <exception cref="Refusal"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c>, and what the work refuses.</exception>
    public async Task<ShowUser.Response> DoAsync(
        string id,
        string reason,
        string action,
        Func<NpgsqlConnection, Person, Task<IReadOnlyList<RowInsert>>> workAsync,
        CancellationToken cancel
    )
    {
        var http = request.HttpContext!;
        var person = await StaffReason.DemandAsync(db, Caller.Of(http), id, cancel);
        var entry = activity.Entry(http, action, person.Id, new { reason = StaffReason.Read(reason) });
        await database.TransactionAsync(
            async connection =>
            {
                var told = await workAsync(connection, person);
                await connection.InsertAsync(cancel, [ActivityLog.Row(entry), .. told]);
                return 0;
            },
            cancel
        );
        return await ShowUser.FindAsync(db, person.Id, cancel);
    }
}
