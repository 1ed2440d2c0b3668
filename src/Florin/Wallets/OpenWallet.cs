using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>Opens a wallet in one more currency.</summary>
internal static class OpenWallet
{
    /// <param name="Currency">One of the currencies that wallets are offered in, in which the person has none yet.</param>
    /// <param name="Name">1 to 30 characters; <c>My wallet</c> where not given.</param>
    public sealed record Request(Currency Currency, [property: StringLength(Wallet.NameLength)] string? Name = null);

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("", HandleAsync).RequireAuthorization(WalletsModule.Write).LimitRate(RateLimit.Money).Produces<WalletView>(201);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        WalletOpening opening,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var opened = activity.Entry(http, "wallets.opened", details: new { request.Currency });
        return (await opening.OpenAsync(caller.Person, request.Currency, request.Name, opened, key, cancel)).Required;
    }
}
