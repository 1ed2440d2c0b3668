using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Qr.Pages;

namespace Florin.Qr;

/// <summary>Payments, shops, wallets and vouchers as QR codes: images, what stands in them, and whether one that somebody scanned is ours.</summary>
public static class QrModule
{
    /// <summary>Its services.</summary>
    public static void AddQr(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(new QrSettings(settings));
        services.AddSingleton<QrPayloads>();
        services.AddSingleton<QrCodes>(provider => new(provider.GetRequiredService<QrPayloads>()));
    }

    /// <summary>Its routes and pages.</summary>
    public static void MapQr(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapQrRoutes();
        app.MapQrPages();
    }

    /// <summary>Its routes.</summary>
    private static void MapQrRoutes(this RouteGroupBuilder v1)
    {
        ShowPaymentQr.Map(v1.MapGroup("/payments").WithTags("qr"));
        ShowShopQr.Map(v1.MapGroup("/shops").WithTags("qr"));
        ShowWalletQr.Map(v1.MapGroup("/wallets").WithTags("qr"));
        ShowVoucherQr.Map(v1.MapGroup("/vouchers").WithTags("qr"));
        VerifyQr.Map(v1.MapGroup("/qr").WithTags("qr"));
    }

    /// <summary>Its pages: the payer's, and those with a code on them that are about a person's own wallets and sign-in.</summary>
    private static void MapQrPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPages();
        PayPage.Map(pages);
        PayAnyonePage.Map(pages);
        ReceiptPage.Map(pages);
        ReceivePage.Map(app.MapPages("/wallet/receive").RequireAuthorization(Policies.Person));
        VoucherQrPage.Map(app.MapPages("/vouchers/mine").RequireAuthorization(Policies.Person));
        TotpPage.Map(app.MapPages("/account/totp").RequireAuthorization(Policies.Person));
    }
}
