using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary><c>GET /v1/payments/watch/{code}</c>: how a payment stands, for a display that nobody is signed in at. It can neither be paid nor found by it.</summary>
internal static class WatchPayment
{
    private static readonly RateLimit Watching = new("watch", 300, TimeSpan.FromMinutes(1));

    /// <param name="Status">The payment's state.</param>
    /// <param name="Amount">What is to be paid.</param>
    /// <param name="Shop">Who is paid.</param>
    /// <param name="CreatedAt">When it was made.</param>
    /// <param name="ExpiresAt">When it can no longer be begun to be paid.</param>
    /// <param name="CompletedAt">When it was paid.</param>
    public sealed record Response(string Status, Amount Amount, string Shop, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? CompletedAt);

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/watch/{code}", HandleAsync).AllowAnonymous().LimitRate(Watching).Produces<Response>();

    private static async Task<IResult> HandleAsync(string code, WatchCodes codes, PaymentFacts facts, CancellationToken cancel)
    {
        var payment = codes.TryRead(code, out var id) ? await facts.NowAsync(id, cancel) : throw PlatformRefusals.NotFound.With();
        var fact = payment.Fact;
        return Results.Json(new Response(payment.State, fact.Amount, fact.PayeeName, fact.CreatedAt, fact.ExpiresAt, payment.CompletedAt), Wire.Json);
    }
}
