using Florin.Activity;
using Florin.Identity;
using Florin.Platform;
using Florin.Shops;

namespace Florin.Biometrics;

/// <summary>
/// <c>DELETE /v1/shops/{id}/customers/{customer}/face</c>: whoever works in the shop destroys the template that it made of a customer, as long as the customer
/// has not confirmed it. Answers a receipt.
/// </summary>
internal static class RemoveCustomerFace
{
    public static void Map(RouteGroupBuilder shops) =>
        shops.MapDelete("/{id}/customers/{customer}/face", HandleAsync).RequireAuthorization(Policies.Person).Produces<DeletionReceipt>();

    private static async Task<DeletionReceipt> HandleAsync(
        string id,
        string customer,
        Caller caller,
        HttpContext http,
        ShopFront front,
        FaceStore faces,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var shop = await front.FindAsync(id, cancel);
        var person = Ids.Read(Person.Prefix, customer);
        return await front.WorksInAsync(caller.Person, shop.Id, cancel)
            ? await faces.DestroyUnconfirmedAsync(
                person,
                shop.Id,
                FaceStore.ByShop,
                activity.Entry(http, "biometrics.face_removed_by_shop", person, new { shop = ShopFront.Show(shop.Id) }),
                cancel
            )
            : throw PlatformRefusals.NotFound.With();
    }
}
