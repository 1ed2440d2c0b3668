using Florin.Admin.Backups;
using Florin.Admin.Operations.Pages;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Admin.Operations;

/// <summary>Running the installation: the commands of its console, and the staff's routes and pages on jobs, queues, settings and health.</summary>
public static class OperationsModule
{
    internal static void AddOperations(this IServiceCollection services)
    {
        services.AddSingleton(BackUp.Command);
        services.AddSingleton(Restore.Command);
        services.AddSingleton(ExportData.Command);
        services.AddSingleton(new StaffPlace("Operations", "/admin/operations", Icon: "settings", Order: 80));
    }

    /// <summary>Its routes.</summary>
    public static void MapOperations(this RouteGroupBuilder v1)
    {
        var operations = v1.MapGroup("/operations").WithTags("operations").RequireAuthorization(Policies.Staff);
        ShowHealth.Map(operations);
        ShowSettings.Map(operations);
        ListJobs.Map(operations);
        RunJob.Map(operations);
        ShowOutbox.Map(operations);
        ReplayEvent.Map(operations);
    }

    internal static void MapOperationsPages(this IEndpointRouteBuilder app) => OperationsPages.Map(app.MapStaffPages("/operations"));
}
