using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.VeinPay;

/// <summary>
/// <c>GET /api/wallet/transactions/</c>: what went in and out of the caller's wallet and what wallets paid to their shop, newest first. Top-ups are there
/// too, which left no trace in the original.
/// </summary>
internal static class ListMovements
{
    private sealed record Entry(string Id, string Kind, Amount Amount, string? Reference, DateTimeOffset PostedAt);

    // Purse: who has the other wallet; null for the outside.
    private sealed record Movement(Guid Id, Amount Amount, DateTimeOffset At, Guid? Bill, Guid? From, Guid? To);

    private sealed record Response(long Id, string Amount, string Timestamp, long? Bill, long? SourceWallet, long? DestinationWallet);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapGet("/wallet/transactions", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);

    private static async Task<IResult> HandleAsync(Caller caller, EdgeApi api, CompatIds ids, Settings settings, CancellationToken cancel)
    {
        var own = await OwnAsync(caller.Person, api, settings);
        var sold = await SoldAsync(api);
        var all = own.Concat(sold).OrderByDescending(one => one.At).Take(EdgeApi.MostRows).ToList();
        var numbers = await ids.NumbersAsync(VeinPayIds.Movement, [.. all.Select(one => one.Id)], cancel);
        var bills = await ids.NumbersAsync(VeinPayIds.Bill, [.. all.Select(one => one.Bill).OfType<Guid>()], cancel);
        var purses = await ids.NumbersAsync(VeinPayIds.Wallet, [.. all.SelectMany(one => new[] { one.From, one.To }).OfType<Guid>()], cancel);
        long? Number(IReadOnlyDictionary<Guid, long> known, Guid? id) => id is { } key ? known[key] : null;
        return Results.Json(
            all.ConvertAll(one => new Response(
                numbers[one.Id],
                EdgeFormats.Decimal(one.Amount),
                EdgeFormats.Time(one.At),
                Number(bills, one.Bill),
                Number(purses, one.From),
                Number(purses, one.To)
            )),
            Wire.Json
        );
    }

    private static async Task<List<Movement>> OwnAsync(Guid me, EdgeApi api, Settings settings)
    {
        var wallet = await EdgeWallets.OpenAsync(api, settings.DefaultCurrency);
        var entries = await api.NewestAsync<Entry>($"/v1/wallets/{wallet.Id}/entries");
        var shops = await ShopsOfAsync(entries, api);
        return entries.ConvertAll(entry =>
        {
            Guid? payment = Ids.TryRead(PaymentFact.Prefix, entry.Reference, out var id) ? id : null;
            Guid? shop = payment is { } paid && shops.TryGetValue(paid, out var seller) ? seller : null;
            var money = entry.Amount with { Minor = Math.Abs(entry.Amount.Minor) };
            return entry.Amount.Minor < 0
                ? new Movement(VeinPayIds.Of(entry.Id), money, entry.PostedAt, shop is null ? null : payment, me, shop)
                : new Movement(VeinPayIds.Of(entry.Id), money, entry.PostedAt, shop is null ? null : payment, shop, me);
        });
    }

    // Which of the payments were sales, and whose: read as one list and not one by one.
    private static async Task<Dictionary<Guid, Guid>> ShopsOfAsync(List<Entry> entries, EdgeApi api)
    {
        if (!entries.Exists(entry => entry.Kind is "sale" or "refund"))
        {
            return [];
        }

        var payments = await api.NewestAsync<PaymentView>("/v1/payments?purpose=sale");
        return payments.Where(one => ShopOf(one) is not null).ToDictionary(one => VeinPayIds.Of(one.Id), one => ShopOf(one)!.Value);
    }

    private static Guid? ShopOf(PaymentView payment) =>
        payment.Subject.TryGetProperty("shop", out var shop) && Ids.TryRead("shp", shop.GetString(), out var id) ? id : null;

    private static async Task<IEnumerable<Movement>> SoldAsync(EdgeApi api)
    {
        if (await EdgeShops.FindAsync(api) is not { } shop)
        {
            return [];
        }

        var payments = await api.NewestAsync<PaymentView>($"/v1/shops/{shop.Id}/payments");
        return payments
            .Where(one => one is { Method: "wallet", CompletedAt: not null })
            .Select(one => new Movement(
                VeinPayIds.Of(one.Id),
                one.Amount,
                one.CompletedAt!.Value,
                VeinPayIds.Of(one.Id),
                one.Payer is { } payer ? VeinPayIds.Of(payer) : null,
                VeinPayIds.Of(shop.Id)
            ));
    }
}
