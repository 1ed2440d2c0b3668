using Florin.Gateways.Reconciliation.Pages;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Gateways.Reconciliation;

/// <summary>Compares what gateways say that they collected with payments and with the ledger.</summary>
internal static class ReconciliationModule
{
    public static void AddReconciliation(this IServiceCollection services)
    {
        services.AddSingleton<SettlementImport>();
        services.AddSingleton(new StaffPlace("Reconciliation", "/admin/reconciliation", Icon: "checks", Order: 60));
    }

    public static void MapReconciliationPages(this IEndpointRouteBuilder app) => ReconciliationPages.Map(app.MapStaffPages("/reconciliation"));

    public static void MapReconciliation(this RouteGroupBuilder v1)
    {
        var reconciliation = v1.MapGroup("/reconciliation").WithTags("reconciliation").RequireAuthorization(Policies.Staff);
        ImportSettlement.Map(reconciliation);
        ListSettlements.Map(reconciliation);
        ListExceptions.Map(reconciliation);
        ResolveException.Map(reconciliation);
    }
}
