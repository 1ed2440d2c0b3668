using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.QrPay;

/// <summary><c>GET /api/user/transactions</c>, of the original's later version: what the caller bought, and what their wallet holds.</summary>
internal static class ListPurchases
{
    private sealed record Purse(Currency Currency, Amount Balance);

    private sealed record Row(long Id, decimal Amount, string Date, string State, string Merchant);

    private sealed record Response(IReadOnlyList<Row> Transactions, decimal Balance);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapGet("/user/transactions", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);

    private static async Task<IResult> HandleAsync(Caller caller, EdgeApi api, CompatIds ids, Settings settings, CancellationToken cancel)
    {
        var me = Platform.Ids.Show("usr", caller.Person);
        var payments = await api.NewestAsync<PaymentView>("/v1/payments?purpose=sale");
        var bought = payments.FindAll(one => string.Equals(one.Payer, me, StringComparison.Ordinal) && one.CompletedAt is not null);
        var numbers = await ids.NumbersAsync(SaleList.Ids, [.. bought.Select(SaleList.IdOf)], cancel);
        var wallets = await api.GetAsync<Page<Purse>>("/v1/wallets");
        var purse = wallets.Data.FirstOrDefault(wallet => wallet.Currency == settings.DefaultCurrency);
        return Results.Json(
            new Response(
                [
                    .. bought.Select(one => new Row(
                        numbers[SaleList.IdOf(one)],
                        EdgeFormats.Number(one.Amount),
                        EdgeFormats.PlainTime(one.CreatedAt),
                        QrPayStates.Of(one.State),
                        one.PayeeName
                    )),
                ],
                purse is null ? 0 : EdgeFormats.Number(purse.Balance)
            ),
            Wire.Json
        );
    }
}
