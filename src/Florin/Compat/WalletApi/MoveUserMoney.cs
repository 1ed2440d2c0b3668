using Florin.Platform;
using Florin.Wallets;

namespace Florin.Compat.WalletApi;

/// <summary>
/// <c>POST /users/wallets/{id}/deposit/</c>, <c>withdraw/</c> and <c>transfer/</c>. The README promises 201 and the amount (the original answered 200 and
/// the bare number 200). Somebody else's wallet is not found, and nothing and less than nothing is refused.
/// </summary>
internal static class MoveUserMoney
{
    private const int AmountDigits = 14;

    private sealed record Moved(string Amount);

    private sealed record Transferred(string WalletNumber, string Amount);

    internal static void Map(RouteGroupBuilder users)
    {
        users.MapPost("/wallets/{id}/deposit", DepositAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
        users.MapPost("/wallets/{id}/withdraw", WithdrawAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
        users.MapPost("/wallets/{id}/transfer", TransferAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
    }

    private static async Task<IResult> DepositAsync(string id, HttpContext http, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var wallet = await UserWallet.FindAsync(id, api, ids, cancel);
        var number = body.Amount("amount", AmountDigits);
        body.Check();
        var amount = EdgeFormats.Money(number, wallet.Currency);
        await EdgeWallets.DepositAsync(api, wallet.Id, amount);
        return Results.Json(new Moved(EdgeFormats.Decimal(amount)), Wire.Json, statusCode: 201);
    }

    private static async Task<IResult> WithdrawAsync(string id, HttpContext http, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var wallet = await UserWallet.FindAsync(id, api, ids, cancel);
        var (number, pin) = (body.Amount("amount", AmountDigits), body.TextOrNull("pin", 6));
        body.Check();
        var amount = EdgeFormats.Money(number, wallet.Currency);
        await api.SendAsync("POST", $"/v1/wallets/{wallet.Id}/withdrawals", new { amount, pin });
        return Results.Json(new Moved(EdgeFormats.Decimal(amount)), Wire.Json, statusCode: 201);
    }

    private static async Task<IResult> TransferAsync(string id, HttpContext http, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var wallet = await UserWallet.FindAsync(id, api, ids, cancel);
        var (to, number, pin) = (body.Text("wallet_number", 32), body.Amount("amount", AmountDigits), body.TextOrNull("pin", 6));
        body.Check();
        if (to.Length != 10 || !to.All(char.IsAsciiDigit))
        {
            throw WalletsRefusals.WalletNotFound.With();
        }

        var amount = EdgeFormats.Money(number, wallet.Currency);
        await api.SendAsync(
            "POST",
            $"/v1/wallets/{wallet.Id}/transfers",
            new
            {
                to,
                amount,
                pin,
            }
        );
        return Results.Json(new Transferred(to, EdgeFormats.Decimal(amount)), Wire.Json, statusCode: 201);
    }
}
