using Florin.Platform;

namespace Florin.Qr;

/// <summary>Payments and shops as QR codes: images, what stands in them, and whether one that somebody scanned is ours.</summary>
public static class QrModule
{
    /// <summary>Its services.</summary>
    public static void AddQr(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(new QrSettings(settings));
        services.AddSingleton<QrPayloads>();
    }

    /// <summary>Its routes.</summary>
    public static void MapQr(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        ShowPaymentQr.Map(v1.MapGroup("/payments").WithTags("qr"));
        ShowShopQr.Map(v1.MapGroup("/shops").WithTags("qr"), app);
        VerifyQr.Map(v1.MapGroup("/qr").WithTags("qr"));
    }
}
