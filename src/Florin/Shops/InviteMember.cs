using System.ComponentModel.DataAnnotations;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>
/// <c>POST /v1/shops/{id}/members</c>: the owner asks somebody to be a cashier; <c>POST /v1/shops/{id}/customers/links</c>: the shop asks somebody to be
/// its customer. They get a code and accept it, or do not.
/// </summary>
internal static class InviteMember
{
    /// <param name="Login">Their username, e-mail address or phone number.</param>
    public sealed record Request([property: StringLength(254, MinimumLength = 1)] string Login);

    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapPost("/{id}/members", CashierAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing).Produces<InvitationView>(201);
        routes
            .MapPost("/{id}/customers/links", CustomerAsync)
            .RequireAuthorization(Policies.Person)
            .LimitRate(RateLimit.Guessing)
            .Produces<InvitationView>(201);
    }

    private static async Task<IResult> CashierAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        ShopDesk shops,
        Invitations invitations,
        CancellationToken cancel
    )
    {
        var shop = await shops.DemandOpenAsync(caller.Person, id, PayeeRole.Owner, cancel);
        return await invitations.InviteAsync(shop, ShopInvitation.Cashier, request, caller, http, cancel);
    }

    private static async Task<IResult> CustomerAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        ShopDesk shops,
        Invitations invitations,
        CancellationToken cancel
    )
    {
        var shop = await shops.DemandOpenAsync(caller.Person, id, PayeeRole.Cashier, cancel);
        return await invitations.InviteAsync(shop, ShopInvitation.Customer, request, caller, http, cancel);
    }
}
