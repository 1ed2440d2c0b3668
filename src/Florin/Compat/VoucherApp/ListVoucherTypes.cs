namespace Florin.Compat.VoucherApp;

/// <summary><c>GET /api/vouchers/types/</c>: what is sold, for everybody.</summary>
internal static class ListVoucherTypes
{
    internal static void Map(RouteGroupBuilder api) =>
        api.MapGet(
                "/vouchers/types",
                async (HttpRequest request, EdgeApi edge, CompatIds ids, CancellationToken cancel) =>
                    EdgePage.Of(request, await OldVoucherType.SoldAsync(edge, ids, cancel))
            )
            .AllowAnonymous();
}
