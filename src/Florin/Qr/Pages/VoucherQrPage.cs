using Florin.Platform.Pages;

namespace Florin.Qr.Pages;

/// <summary><c>/vouchers/mine/{id}/qr</c>: the picture on a voucher's page.</summary>
public static class VoucherQrPage
{
    internal static void Map(RouteGroupBuilder pages) =>
        pages.MapGet("/{id}/qr", (string id, PageApi api) => api.PassAsync($"/v1/vouchers/{Uri.EscapeDataString(id)}/qr?format=svg"));
}
