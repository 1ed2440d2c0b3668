using Florin.Admin.Operations;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Admin;

/// <summary>What staff see of the whole house: the overview, and the way to every module's own staff pages.</summary>
public static class AdminModule
{
    /// <summary>What the pages need.</summary>
    public static void AddAdmin(this IServiceCollection services)
    {
        services.AddSingleton(new NavigationLink("Staff", "/admin", Icon: "shield-lock", Order: 60, Roles.Staff));
        services.AddOperations();
        services.AddSingleton(new StaffPlace("Overview", "/admin", Icon: "dashboard", Order: 0));
    }

    /// <summary>Its routes and pages.</summary>
    public static void MapAdmin(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        ShowHouse.Map(v1);
        OverviewPage.Map(app.MapStaffPages(), app.MapPages("/dashboard").RequireAuthorization(Policies.Staff));
        app.MapOperationsPages();
        v1.MapOperations();
    }
}
