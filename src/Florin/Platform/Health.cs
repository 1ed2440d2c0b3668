namespace Florin.Platform;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can serve; a load balancer asks this one.</summary>
internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How it is.</summary>
    /// <param name="Status"><c>live</c>, <c>ready</c> or <c>not_ready</c>.</param>
    /// <param name="Reasons">What is missing: <c>database</c>, <c>migrations</c>, <c>stopping</c>.</param>
    public sealed record Response(string Status, IReadOnlyList<string> Reasons);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").AllowAnonymous().WithTags("operations");
        group.MapGet("/live", () => new Response("live", [])).LimitRate(RateLimit.None).WithName("Live");
        group.MapGet("/ready", ReadyAsync).WithName("Ready");
    }

    private static async Task<IResult> ReadyAsync(Database database, IHostApplicationLifetime lifetime, CancellationToken cancel)
    {
        var reason = lifetime.ApplicationStopping.IsCancellationRequested ? "stopping" : await MissingAsync(database, cancel);
        return reason is null
            ? TypedResults.Ok(new Response("ready", []))
            : TypedResults.Json(new Response("not_ready", [reason]), Wire.Json, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<string?> MissingAsync(Database database, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            // Connecting has a time limit of its own, which is longer.
            var missing = await Migrator.MissingAsync(database, patience.Token).WaitAsync(patience.Token);
            return missing.Count == 0 ? null : "migrations";
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return "database";
        }
    }
}
