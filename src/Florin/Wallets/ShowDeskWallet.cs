using Florin.Platform;

namespace Florin.Wallets;

/// <summary><c>GET /v1/wallets/{id}/desk</c> and <c>GET /v1/users/{id}/wallets</c>: anybody's wallet, and all of a person's, for staff.</summary>
internal static class ShowDeskWallet
{
    public static void Map(RouteGroupBuilder wallets, RouteGroupBuilder v1)
    {
        wallets.MapGet("/{id}/desk", OneAsync).RequireAuthorization(Policies.Staff);
        v1.MapGet("/users/{id}/wallets", OfPersonAsync).RequireAuthorization(Policies.Staff).WithTags("users");
    }

    private static Task<DeskWallet> OneAsync(string id, WalletDesk desk, CancellationToken cancel) => desk.FindAsync(id, cancel);

    // A person has few wallets, so that there is one page only.
    private static async Task<Page<DeskWallet>> OfPersonAsync(string id, Identity.People people, WalletDesk desk, CancellationToken cancel)
    {
        var person = await people.FindAsync(Ids.Read(Identity.Person.Prefix, id), cancel) ?? throw PlatformRefusals.NotFound.With();
        return new Page<DeskWallet>(await desk.OfPersonAsync(person.Id, cancel), NextCursor: null);
    }
}
