using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Gateways.Reconciliation;

/// <summary>
/// <c>POST /v1/reconciliation/exceptions/{id}/resolve</c>: finance says what was found out. It books nothing: money is moved by a refund, a settlement of a
/// refund or an adjustment, each with its own rules.
/// </summary>
internal static class ResolveException
{
    /// <param name="Reason">What was found out and done.</param>
    public sealed record Request([property: Required, StringLength(500, MinimumLength = 3)] string Reason);

    internal static void Map(RouteGroupBuilder reconciliation) =>
        reconciliation.MapPost("/exceptions/{id}/resolve", HandleAsync).RequireAuthorization(Policies.Finance);

    private static async Task<ExceptionView> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Database database,
        FlorinDb db,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = Ids.Read(SettlementException.Prefix, id);
        if (!await db.SettlementExceptions.AnyAsync(one => one.Id == key, cancel))
        {
            throw PlatformRefusals.NotFound.With();
        }

        await database.TransactionAsync(
            async connection =>
            {
                await using var resolve = new NpgsqlCommand(
                    "update gateways.settlement_exceptions set state = 'resolved', reason = $2, resolved_by = $3, resolved_at = $4 where id = $1 and state = 'open'",
                    connection
                );
                resolve.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key });
                resolve.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Reason.Trim() });
                resolve.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Person });
                resolve.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
                if (await resolve.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw GatewaysRefusals.ExceptionResolved.With();
                }

                await connection.InsertAsync(
                    cancel,
                    ActivityLog.Row(activity.Entry(http, "reconciliation.exception_resolved", details: new { exception = id, request.Reason }))
                );
                return true;
            },
            cancel
        );
        return ExceptionView.Of(await db.SettlementExceptions.AsNoTracking().SingleAsync(one => one.Id == key, cancel));
    }
}
