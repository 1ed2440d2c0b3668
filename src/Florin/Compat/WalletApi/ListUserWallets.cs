using Florin.Platform;

namespace Florin.Compat.WalletApi;

/// <summary><c>GET /users/wallets/</c> and <c>GET /users/wallets/{id}/</c>. A person has few wallets, so that the array is whole.</summary>
internal static class ListUserWallets
{
    internal static void Map(RouteGroupBuilder users)
    {
        users.MapGet("/wallets", ListAsync).RequireAuthorization(Policies.Person);
        users.MapGet("/wallets/{id}", ShowAsync).RequireAuthorization(Policies.Person);
    }

    private static async Task<IResult> ListAsync(Caller caller, EdgeApi api, CompatIds ids, CancellationToken cancel) =>
        Results.Json(await UserWallet.ListAsync(api, ids, caller.Person, cancel), Wire.Json);

    private static async Task<IResult> ShowAsync(string id, Caller caller, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var wallet = await UserWallet.FindAsync(id, api, ids, cancel);
        var number = await ids.NumberAsync(UserWallet.Kind, wallet.Uuid, cancel);
        return Results.Json(await UserWallet.OfAsync(wallet, number, caller.Person, api), Wire.Json);
    }
}
