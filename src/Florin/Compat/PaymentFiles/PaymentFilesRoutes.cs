using Florin.Files;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat.PaymentFiles;

/// <summary>Seed 3, the payment file system. Its sign-in stands beside the others'.</summary>
internal static class PaymentFilesRoutes
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        var root = app.MapEdge(EdgeShape.Detail, cookie: true);
        var api = app.MapEdge(EdgeShape.Detail, "/api");
        RegisterUser.Map(api);
        ShowUsers.Map(api);
        ChangeUser.Map(api);
        InitiatePayment.Map(api);
        TakeCallback.Map(api);
        UploadFile.Map(api, root, FilesModule.MostBytes(app.ServiceProvider));
        ListActions.Map(api);
        DashboardPage.Map(app.MapPages("/api").RequireAuthorization(Policies.Staff));
    }
}
