namespace Florin.Compat.VeinPay;

/// <summary>Seed 1, VeinPay. Its sign-in stands beside the others'.</summary>
internal static class VeinPayRoutes
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapEdge(EdgeShape.ErrorWithout402, "/api");
        ShowWallet.Map(api);
        ListMovements.Map(api);
        ShopCustomers.Map(api);
        ShopBills.Map(api);
        PayByFace.Map(api);
    }
}
