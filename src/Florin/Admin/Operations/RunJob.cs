using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Admin.Operations;

/// <summary><c>POST /v1/operations/jobs/{name}/run</c>: an admin has a job run now, by a server that runs jobs; asked twice before it begins, it runs once.</summary>
internal static class RunJob
{
    internal static void Map(RouteGroupBuilder operations) =>
        operations.MapPost("/jobs/{name}/run", HandleAsync).RequireAuthorization(Policies.Admin).Produces(202);

    private static async Task<IResult> HandleAsync(
        string name,
        HttpContext http,
        JobRuns runs,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var request = runs.Request(name) ?? throw PlatformRefusals.NotFound.With();
        return await database.TransactionAsync(
            async connection =>
            {
                await using var batch = new NpgsqlBatch(connection)
                {
                    BatchCommands = { request, ActivityLog.Row(activity.Entry(http, "operations.job_requested", details: new { job = name })).Command() },
                };
                await batch.ExecuteNonQueryAsync(cancel);
                return Results.Accepted();
            },
            cancel
        );
    }
}
