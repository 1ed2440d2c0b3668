using Florin.Admin.Operations;
using Florin.Admin.Pages;
using Florin.Ledger;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Shops;
using Florin.Wallets;

namespace Florin.Admin;

/// <summary>What staff see of the whole house: the overview, the search, money moved by hand, and the way to every module's own staff pages.</summary>
public static class AdminModule
{
    /// <summary>What they need.</summary>
    public static void AddAdmin(this IServiceCollection services, Settings settings)
    {
        var limits = settings.AmountsOf("FLORIN_ADJUSTMENT_LIMIT_", 10_000);
        services.AddSingleton(new NavigationLink("Staff", "/admin", Icon: "shield-lock", Order: 60, Roles.Staff));
        services.AddOperations();
        services.AddSingleton(new StaffPlace("Overview", "/admin", Icon: "dashboard", Order: 0));
        services.AddSingleton(new StaffPlace("Search", "/admin/search", Icon: "search", Order: 10));
        services.AddSingleton(new StaffPlace("Adjustments", "/admin/adjustments", Icon: "arrows-exchange", Order: 55));
        services.AddSingleton(provider => new AdjustmentRules(
            provider.GetRequiredService<LedgerReads>(),
            provider.GetRequiredService<WalletFacts>(),
            provider.GetRequiredService<ShopFront>(),
            limits
        ));
    }

    /// <summary>Its routes and pages.</summary>
    public static void MapAdmin(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        ShowHouse.Map(v1);
        SearchAll.Map(v1);
        var adjustments = v1.MapGroup("/adjustments").RequireAuthorization(Policies.Staff).WithTags("ledger");
        ProposeAdjustment.Map(adjustments);
        DecideAdjustment.Map(adjustments);
        ListAdjustments.Map(adjustments);
        v1.MapOperations();
        var pages = app.MapStaffPages();
        OverviewPage.Map(pages, app.MapPages("/dashboard").RequireAuthorization(Policies.Staff));
        SearchPage.Map(pages);
        AdjustmentsPage.Map(pages);
        app.MapOperationsPages();
    }
}
