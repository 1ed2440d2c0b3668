using System.Net.WebSockets;
using System.Text.Json;
using Florin.Money;
using Florin.Notifications;
using Florin.Platform;

namespace Florin.Compat.QrPay;

/// <summary>
/// <c>/api/merchant/ws</c>: says <c>payment_completed</c> to every open socket of whoever works in the shop, after the money is there and with its time.
/// The token may stand in the query, a header or the cookie; without one the socket is taken and closed with 1008, as the original did.
/// </summary>
internal static class MerchantSocket
{
    private sealed record Sale(string Code, string Purpose, Amount Amount, string? Owner, string? Payer, DateTimeOffset? CompletedAt);

    private sealed record Said(string Type, string Code, decimal Amount, string CompletedAt);

    // What an event holds besides is not ours to read.
    private static readonly JsonSerializerOptions Json = new(Wire.Json)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip,
    };

    internal static void Map(RouteGroupBuilder api) => api.MapGet("/merchant/ws", HandleAsync).AllowAnonymous();

    private static async Task HandleAsync(HttpContext http, LiveSockets live)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            throw PlatformRefusals.InvalidRequest.With("Open this as a WebSocket.");
        }

        if (Caller.TryGet(http.User) is { } caller && !http.User.HasClaim(claim => claim.Type is Caller.ScopeClaim))
        {
            var me = Ids.Show("usr", caller.Person);
            await live.ServeAsync(http, caller, happened => Translate(happened, me));
            return;
        }

        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, "Invalid token", http.RequestAborted);
    }

    // The payer hears of their own payments by the same stream; here it is the merchant's.
    private static byte[]? Translate(JsonElement happened, string me)
    {
        if (!happened.GetProperty("topic").ValueEquals("payments.completed"))
        {
            return null;
        }

        var sale = happened.GetProperty("payload").Deserialize<Sale>(Json)!;
        var bought = string.Equals(sale.Payer, me, StringComparison.Ordinal) && !string.Equals(sale.Owner, me, StringComparison.Ordinal);
        return sale is { Purpose: "sale", CompletedAt: { } at } && !bought
            ? JsonSerializer.SerializeToUtf8Bytes(
                new Said("payment_completed", sale.Code, EdgeFormats.Number(sale.Amount), EdgeFormats.PlainTime(at)),
                Wire.Json
            )
            : null;
    }
}
