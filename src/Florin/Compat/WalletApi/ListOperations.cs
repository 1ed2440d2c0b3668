using Florin.Money;
using Florin.Platform;

namespace Florin.Compat.WalletApi;

/// <summary>
/// <c>GET /users/wallets/{id}/transactions/</c>, newest first. Of a conversion the sender's amount stands there, as in the original, and beside it what was
/// received at which rate, which the original did not keep.
/// </summary>
internal static class ListOperations
{
    private sealed record Counterpart(string Wallet);

    private sealed record Entry(
        string Id,
        string Kind,
        Amount Amount,
        Counterpart? Counterpart,
        Amount? Sent,
        Amount? Received,
        string? Rate,
        DateTimeOffset PostedAt
    );

    private sealed record Side(string WalletNumber);

    private sealed record Response(
        Guid Id,
        string Amount,
        string AmountCurrency,
        Side? Sender,
        Side? Receiver,
        string OperationType,
        string CreatedAt,
        string? ReceivedAmount,
        string? ReceivedCurrency,
        string? Rate
    );

    internal static void Map(RouteGroupBuilder users) =>
        users.MapGet("/wallets/{id}/transactions", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);

    private static async Task<IResult> HandleAsync(string id, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var wallet = await UserWallet.FindAsync(id, api, ids, cancel);
        var entries = await api.NewestAsync<Entry>($"/v1/wallets/{wallet.Id}/entries");
        return Results.Json(entries.ConvertAll(entry => Of(entry, wallet)), Wire.Json);
    }

    private static Response Of(Entry entry, OwnWallet wallet)
    {
        var incoming = entry.Amount.Minor > 0;
        var sent = entry.Sent ?? entry.Amount with { Minor = Math.Abs(entry.Amount.Minor) };
        var (own, other) = (new Side(wallet.Number), entry.Counterpart is { } counterpart ? new Side(counterpart.Wallet) : null);
        return new Response(
            Guid.ParseExact(entry.Id.AsSpan(entry.Id.IndexOf('_', StringComparison.Ordinal) + 1), "N"),
            EdgeFormats.Decimal(sent),
            sent.Currency.Code,
            incoming ? other : own,
            incoming ? own : other,
            // What seed 5 had no word for is money in or money out.
            entry.Kind switch
            {
                "transfer" => "TRANSFER",
                "fee" => "FEE",
                _ => incoming ? "DEPOSIT" : "WITHDRAW",
            },
            EdgeFormats.Time(entry.PostedAt),
            entry.Received is { } received ? EdgeFormats.Decimal(received) : null,
            entry.Received?.Currency.Code,
            entry.Rate
        );
    }
}
