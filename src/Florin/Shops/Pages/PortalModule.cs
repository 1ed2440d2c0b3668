using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary>
/// The pages of shops, <c>/portal</c>: the till, payments, bills and customers for all who work there, takings, payouts and settings for owners. Who may
/// do what is decided by <c>/v1</c>, not here.
/// </summary>
public static class PortalModule
{
    /// <summary>What the pages need.</summary>
    public static void AddShopPages(this IServiceCollection services)
    {
        services.AddScoped<PortalShop>();
        services.AddSingleton(new StaffPlace("Shops", "/admin/shops", Icon: "building-store", Order: 30));
        services.AddSingleton(new StaffPlace("Fees and plans", "/admin/plans", Icon: "percentage", Order: 60));
        services.AddSingleton(new StaffPlace("Payouts", "/admin/payouts", Icon: "building-bank", Order: 35));
        services.AddSingleton(new NavigationLink("Shop", "/portal", Icon: "building-store", Order: 5, [Roles.Merchant, Roles.Cashier]));
    }

    /// <summary>Their routes.</summary>
    internal static void MapShopPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPages("/portal");
        pages.RequireAuthorization(Policies.Person);
        PortalPage.Map(pages);

        var staff = app.MapStaffPages();
        DeskShopsPage.Map(staff);
        DeskPayoutsPage.Map(staff);
        DeskPlansPage.Map(staff);

        var portal = pages.MapGroup("");
        portal.AddEndpointFilter(
            static async (context, next) =>
            {
                var shop = context.HttpContext.RequestServices.GetRequiredService<PortalShop>();
                await shop.ReadAsync();
                return shop.Found ? await next(context) : PageAnswers.Go("/portal");
            }
        );
        SalePage.Map(portal);
        PaymentsPage.Map(portal);
        PaymentPage.Map(portal);
        RefundPage.Map(portal);
        CustomersPage.Map(portal);
        BillsPage.Map(portal);
        TakingsPage.Map(portal);
        BalancePage.Map(portal);
        ShopSettingsPage.Map(portal);
        InvitationPage.Map(app);
    }
}
