using Florin.Identity;
using Florin.Platform;

namespace Florin.Compat.VeinPay;

/// <summary><c>GET /api/wallet/</c> and <c>POST /api/wallet/add/</c>: the caller's wallet in the default currency.</summary>
internal static class ShowWallet
{
    private sealed record Entry(DateTimeOffset PostedAt);

    private sealed record Response(long Id, string OwnerUsername, string Balance, string UpdatedAt);

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/wallet", ShowAsync).RequireAuthorization(Policies.Person);
        api.MapPost("/wallet/add", AddAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
    }

    private static async Task<IResult> AddAsync(
        Caller caller,
        HttpContext http,
        EdgeApi api,
        People people,
        CompatIds ids,
        Settings settings,
        CancellationToken cancel
    )
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var amount = body.Amount("amount");
        body.Check();
        var money = EdgeFormats.Money(amount, settings.DefaultCurrency);
        await EdgeWallets.DepositAsync(api, (await EdgeWallets.OpenAsync(api, settings.DefaultCurrency)).Id, money);
        return await ShowAsync(caller, api, people, ids, settings, cancel);
    }

    private static async Task<IResult> ShowAsync(Caller caller, EdgeApi api, People people, CompatIds ids, Settings settings, CancellationToken cancel)
    {
        var wallet = await EdgeWallets.OpenAsync(api, settings.DefaultCurrency);
        var last = await api.GetAsync<Page<Entry>>($"/v1/wallets/{wallet.Id}/entries?limit=1");
        var owner = (await people.FindAsync(caller.Person, cancel))!;
        return Results.Json(
            new Response(
                await ids.NumberAsync(VeinPayIds.Wallet, caller.Person, cancel),
                owner.Username ?? owner.DisplayName,
                EdgeFormats.Decimal(wallet.Balance),
                EdgeFormats.Time(last.Data.Count > 0 ? last.Data[0].PostedAt : wallet.CreatedAt)
            ),
            Wire.Json
        );
    }
}
