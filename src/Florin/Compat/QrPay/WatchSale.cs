using Florin.Money;
using Florin.Platform;

namespace Florin.Compat.QrPay;

/// <summary><c>GET /watch/{watch_code}</c>: how a payment stands, for a display.</summary>
internal static class WatchSale
{
    private const int LongestCode = 64;

    private sealed record Watched(string Status, Amount Amount, string Shop, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt);

    private sealed record Response(string Status, decimal Amount, string Merchant, string CreatedAt, string? CompletedAt);

    internal static void Map(RouteGroupBuilder root) => root.MapGet("/watch/{watchCode}", HandleAsync).AllowAnonymous();

    private static async Task<IResult> HandleAsync(string watchCode, EdgeApi api)
    {
        var watched =
            watchCode.Length <= LongestCode
                ? await api.GetAsync<Watched>("/v1/payments/watch/" + Uri.EscapeDataString(watchCode))
                : throw PlatformRefusals.NotFound.With();
        return Results.Json(
            new Response(
                QrPayStates.Of(watched.Status),
                EdgeFormats.Number(watched.Amount),
                watched.Shop,
                EdgeFormats.PlainTime(watched.CreatedAt),
                watched.CompletedAt is { } at ? EdgeFormats.PlainTime(at) : null
            ),
            Wire.Json
        );
    }
}
