using Florin.Platform;
using Florin.Wallets;

namespace Florin.Qr;

/// <summary>
/// <c>GET /v1/wallets/{id}/qr</c>: the code by which others send money to one's wallet: the address of the page that sends, with the wallet's number in it.
/// </summary>
internal static class ShowWalletQr
{
    private const int UsualSize = 600;

    public static void Map(RouteGroupBuilder wallets) =>
        wallets.MapGet("/{id}/qr", HandleAsync).RequireAuthorization(Policies.Scope("wallets:read")).Produces(200, contentType: "image/png");

    /// <summary>What stands in the code.</summary>
    internal static string PayloadOf(string number, Settings settings) => $"{settings.PublicUrl}/wallet/send?to={number}";

    private static async Task<IResult> HandleAsync(
        string id,
        string? format,
        int? size,
        int? margin,
        HttpContext http,
        Caller caller,
        WalletFacts facts,
        Settings settings,
        CancellationToken cancel
    )
    {
        var wallet = await facts.OwnAsync(caller.Person, id, cancel);
        return QrImage.Answer(http, PayloadOf(wallet.Number, settings), format, size ?? UsualSize, margin);
    }
}
