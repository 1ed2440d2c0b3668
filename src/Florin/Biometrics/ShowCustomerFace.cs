using Florin.Identity;
using Florin.Platform;
using Florin.Shops;

namespace Florin.Biometrics;

/// <summary>
/// <c>GET /v1/shops/{id}/customers/{customer}/face</c>: since when there is a template that the shop made of a customer who has not confirmed it, for whoever
/// works there. Anybody else's template is nobody else's business, and not found.
/// </summary>
internal static class ShowCustomerFace
{
    /// <param name="EnrolledAt">When the shop made it.</param>
    public sealed record Response(DateTimeOffset EnrolledAt);

    public static void Map(RouteGroupBuilder shops) => shops.MapGet("/{id}/customers/{customer}/face", HandleAsync).RequireAuthorization(Policies.Person);

    private static async Task<Response> HandleAsync(string id, string customer, Caller caller, ShopFront front, FaceStore faces, CancellationToken cancel)
    {
        var shop = await front.FindAsync(id, cancel);
        var person = Ids.Read(Person.Prefix, customer);
        return await front.WorksInAsync(caller.Person, shop.Id, cancel) && await faces.FindUnconfirmedAsync(person, shop.Id, cancel) is { } since
            ? new Response(since)
            : throw PlatformRefusals.NotFound.With();
    }
}
