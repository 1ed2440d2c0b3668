using Florin.Platform;

namespace Florin.Admin.Operations;

/// <summary><c>GET /v1/operations/jobs</c>: the recurring jobs, when each runs next and how it ended last, over all servers.</summary>
internal static class ListJobs
{
    /// <param name="Data">By name.</param>
    public sealed record Response(IReadOnlyList<JobView> Data);

    internal static void Map(RouteGroupBuilder operations) => operations.MapGet("/jobs", HandleAsync);

    private static async Task<Response> HandleAsync(JobRuns runs, CancellationToken cancel) => new(await runs.ListAsync(cancel));
}
