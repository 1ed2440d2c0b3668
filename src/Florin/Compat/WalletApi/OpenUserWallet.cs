using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat.WalletApi;

/// <summary><c>POST /users/wallets/create/</c>, KZT where no currency is named, and <c>PATCH /users/wallets/{id}/update/</c>, which gives a name.</summary>
internal static class OpenUserWallet
{
    private const string UsualCurrency = "KZT";
    private const int LongestName = 30;

    private sealed record Created(
        string Message,
        long Id,
        string WalletNumber,
        string Name,
        string Amount,
        string AmountCurrency,
        bool IsActive,
        string CreatedAt,
        string UpdatedAt,
        Guid User
    );

    private sealed record Renamed(string Name);

    internal static void Map(RouteGroupBuilder users)
    {
        users.MapPost("/wallets/create", CreateAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
        users.MapPatch("/wallets/{id}/update", RenameAsync).RequireAuthorization(Policies.Person);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, Caller caller, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var name = body.TextOrNull("name", LongestName);
        var code = body.TextOrNull("amount_currency", 3) is { Length: > 0 } given ? given : UsualCurrency;
        if (!Currency.TryParse(code, out var currency))
        {
            body.Wrong("amount_currency", $"\"{code}\" is not a valid choice.");
        }

        body.Check();
        var wallet = await OpenAsync(api, currency!, name is "" ? null : name);
        var number = await ids.NumberAsync(UserWallet.Kind, wallet.Uuid, cancel);
        var shown = await UserWallet.OfAsync(wallet, number, caller.Person, api);
        var created = new Created(
            "Wallet successfully created",
            shown.Id,
            shown.WalletNumber,
            shown.Name,
            shown.Amount,
            shown.AmountCurrency,
            shown.IsActive,
            shown.CreatedAt,
            shown.UpdatedAt,
            shown.User
        );
        return Results.Json(created, Wire.Json, statusCode: 201);
    }

    // A second one of a currency was told under no field, and a currency that is not offered under its own.
    private static async Task<OwnWallet> OpenAsync(EdgeApi api, Currency currency, string? name)
    {
        try
        {
            return await api.SendAsync<OwnWallet>("POST", "/v1/wallets", new { currency, name });
        }
        catch (PageRefusal refusal) when (refusal.Code is "wallet_exists" or "wallet_limit_reached")
        {
            throw PlatformRefusals.InvalidRequest.Field("body", refusal.Title);
        }
        catch (PageRefusal refusal) when (refusal.Code is "currency_not_offered")
        {
            throw PlatformRefusals.InvalidRequest.Field("amount_currency", $"\"{currency.Code}\" is not a valid choice.");
        }
    }

    private static async Task<IResult> RenameAsync(string id, HttpContext http, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var wallet = await UserWallet.FindAsync(id, api, ids, cancel);
        var name = body.Has("name") ? body.Text("name", LongestName) : wallet.Name;
        body.Check();
        var renamed = await api.SendAsync<OwnWallet>("PATCH", "/v1/wallets/" + wallet.Id, new { name });
        return Results.Json(new Renamed(renamed.Name), Wire.Json);
    }
}
