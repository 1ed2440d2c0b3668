using Florin.Platform;

namespace Florin.Admin.Operations;

/// <summary><c>GET /v1/operations/settings</c>: every setting in force on this server and where it comes from, for admins. Of secrets only whether they are set.</summary>
internal static class ShowSettings
{
    /// <param name="Data">By name.</param>
    public sealed record Response(IReadOnlyList<SettingView> Data);

    internal static void Map(RouteGroupBuilder operations) => operations.MapGet("/settings", Handle).RequireAuthorization(Policies.Admin);

    private static Response Handle(Settings settings, IConfiguration configuration) => new(SettingView.All(settings, configuration));
}
