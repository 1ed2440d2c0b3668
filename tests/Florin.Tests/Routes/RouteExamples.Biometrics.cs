namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static IEnumerable<RouteExample> Biometrics() =>
        [
            new(
                "POST /v1/payments/{id}/face-challenges",
                async who => (await SaleAsync(who)).Replace("/refunds", "/face-challenges", StringComparison.Ordinal),
                new { payer = "nobody" }
            )
            {
                Roles = AMerchant,
            },
            new("GET /v1/shops/{id}/faces", Shop("/faces")) { Roles = AMerchant },
            new("PUT /v1/shops/{id}/faces", Shop("/faces"), new { single_picture = true }) { Roles = AMerchant },
        ];
}
