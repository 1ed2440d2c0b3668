using System.Reflection;
using Florin.Platform;

namespace Florin.Admin.Operations;

/// <summary><c>GET /v1/operations/health</c>: which version runs since when, the migrations that the database has, and how each part is.</summary>
internal static class ShowHealth
{
    private static readonly string Version =
        typeof(ShowHealth).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <param name="Version">Of the program.</param>
    /// <param name="Mode"><c>sandbox</c> or <c>live</c>.</param>
    /// <param name="Runtime">What it runs on.</param>
    /// <param name="StartedAt">When this server started.</param>
    /// <param name="Parts">How each part is.</param>
    /// <param name="Migrations">What the database has, newest first.</param>
    public sealed record Response(
        string Version,
        string Mode,
        string Runtime,
        DateTimeOffset StartedAt,
        IReadOnlyList<HealthView> Parts,
        IReadOnlyList<AppliedMigration> Migrations
    );

    internal static void Map(RouteGroupBuilder operations) => operations.MapGet("/health", HandleAsync);

    private static async Task<Response> HandleAsync(HealthDesk desk, Database database, Settings settings, CancellationToken cancel)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return new Response(
            Version,
            settings.Sandbox ? "sandbox" : "live",
            System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
            new DateTimeOffset(process.StartTime.ToUniversalTime(), TimeSpan.Zero),
            await desk.AskAsync(cancel),
            await Migrator.AppliedAsync(database, cancel)
        );
    }
}
