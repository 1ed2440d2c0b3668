using Florin.Compat.PaymentFiles;
using Florin.Compat.QrPay;
using Florin.Compat.VeinPay;
using Florin.Compat.VoucherApp;
using Florin.Compat.WalletApi;

namespace Florin.Compat;

/// <summary>The five systems that Florin replaces, as their clients know them: translated to <c>/v1</c> and back, and no rule here.</summary>
public static class CompatModule
{
    /// <summary>Its services.</summary>
    public static void AddCompat(this IServiceCollection services)
    {
        services.AddSingleton<CompatIds>();
        services.AddScoped<EdgeApi>();
    }

    /// <summary>Its routes. Where two systems had the same one, it stands here and answers both; the rest stands with its system.</summary>
    public static void MapCompat(this IEndpointRouteBuilder app)
    {
        var api = app.MapEdge(EdgeShape.Detail, "/api", cookie: true);
        ShowHealth.Map(api);
        LogIn.Map(api);
        RefreshLogIn.Map(api);
        ListSalesOrPayments.Map(api);
        QrPayRoutes.Map(app);
        VeinPayRoutes.Map(app);
        VoucherAppRoutes.Map(app);
        WalletApiRoutes.Map(app);
        PaymentFilesRoutes.Map(app);
        OldAddresses.Map(app);
    }
}
