using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static IEnumerable<RouteExample> Webhooks() =>
        [
            new("GET /v1/webhooks/{id}", Webhook("")) { Roles = AMerchant },
            new("PATCH /v1/webhooks/{id}", Webhook(""), new { description = "till" }) { Roles = AMerchant },
            new("DELETE /v1/webhooks/{id}", Webhook("")) { Roles = AMerchant },
            new("POST /v1/webhooks/{id}/secret", Webhook("/secret"), new { }) { Roles = AMerchant },
            new("POST /v1/webhooks/{id}/test", Webhook("/test"), new { }) { Roles = AMerchant },
            new("POST /v1/webhooks/{id}/replays", Webhook("/replays"), new { from = "2026-01-01T00:00:00Z", to = "2026-01-02T00:00:00Z" })
            {
                Roles = AMerchant,
            },
            new("GET /v1/webhooks/{id}/deliveries", Webhook("/deliveries")) { Roles = AMerchant },
            new("GET /v1/webhooks/{id}/deliveries/{delivery}", who => DeliveryAsync(who, "")) { Roles = AMerchant },
            new("POST /v1/webhooks/{id}/deliveries/{delivery}/replay", who => DeliveryAsync(who, "/replay")) { Roles = AMerchant },
        ];

    private static Func<SignedIn, Task<string>> Webhook(string rest) =>
        After("/v1/webhooks", new { url = "http://127.0.0.1:9009/hook" }, "/v1/webhooks/{0}" + rest);

    private static async Task<string> DeliveryAsync(SignedIn who, string rest)
    {
        var hook = await Webhook("")(who);
        var test = await SignedIn.Json(await who.SendAsync("POST", hook + "/test", new { }));
        var delivery = test.GetProperty("delivery").GetString();
        await who.App.Database.WaitAsync($"select exists (select from webhooks.deliveries where id = '{Ids.Read("msg", delivery)}')");
        return $"{hook}/deliveries/{delivery}{rest}";
    }
}
