using Florin.Activity.Pages;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Activity;

/// <summary>Who did what, when and from where: kept for ever, each person reads their own, staff read all.</summary>
public static class ActivityModule
{
    /// <summary>Its services.</summary>
    public static void AddActivity(this IServiceCollection services)
    {
        services.AddSingleton<ActivityLog>();
        services.AddSingleton<IPersonalData, ActivityPersonalData>();
    }

    /// <summary>Its pages.</summary>
    private static void MapActivityPages(this IEndpointRouteBuilder app) => ActivityPage.Map(app.MapPages("/account").RequireAuthorization(Policies.Person));

    /// <summary>Its routes and pages.</summary>
    public static void MapActivity(this IEndpointRouteBuilder app, RouteGroupBuilder v1)
    {
        v1.MapActivityRoutes();
        app.MapActivityPages();
    }

    /// <summary>Its routes.</summary>
    private static void MapActivityRoutes(this RouteGroupBuilder v1)
    {
        ListMyActivity.Map(v1);
        ListActivity.Map(v1);
    }
}
