using Florin.Platform;

namespace Florin.Compat.QrPay;

/// <summary>Seed 4, the FastAPI QR payment system. Its pages (<c>/login</c>, <c>/portal</c>, <c>/pay/{code}</c>) are Florin's own.</summary>
internal static class QrPayRoutes
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        var root = app.MapEdge(EdgeShape.DetailOnly);
        DrawQr.Map(root);
        WatchSale.Map(root);

        var api = app.MapEdge(EdgeShape.DetailOnly, "/api", cookie: true);
        StartPayment.Map(api);
        PaySale.Map(api);
        ListPurchases.Map(api);
        RevokeSale.Map(api);
        LogOut.Map(api);

        var socket = app.MapGroup("/api").ExcludeFromDescription();
        socket.WithMetadata(new EdgeRoute(EdgeShape.DetailOnly.WriteAsync) { TakesCookie = true, TakesQuery = true });
        MerchantSocket.Map(socket);
    }
}
