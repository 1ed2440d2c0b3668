using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static string[] AMerchantOfStaff => [Roles.Merchant, Roles.Admin, Roles.Support];

    private static IEnumerable<RouteExample> Operations() =>
        [
            new("POST /v1/operations/outbox/{consumer}/{position}/replay", ParkedAsync) { Whose = Whose.Callers, Roles = [Roles.Admin] },
            new(
                "POST /v1/operations/webhooks/{id}/replay",
                After("/v1/webhooks", new { url = "http://127.0.0.1:9009/hook" }, "/v1/operations/webhooks/{0}/replay")
            )
            {
                Whose = Whose.Callers,
                Roles = AMerchantOfStaff,
            },
            new("POST /v1/gateways/callbacks/{id}/match", who => CallbackAsync(who, "/match"), new { payment = "no-such-code", reason = "by hand" })
            {
                Whose = Whose.Callers,
                Roles = ACustomerOfStaff,
            },
        ];

    // An event that a consumer has given up.
    private static async Task<string> ParkedAsync(SignedIn who)
    {
        var position = await who.App.Database.ScalarAsync<string>(
            """
            with event as (
                insert into platform.outbox (topic, aggregate, payload, audience) values ('test.dead', gen_random_uuid(), '{}', '{}') returning xid, id, aggregate
            ), parked as (
                insert into platform.outbox_parked (consumer, xid, id, aggregate, attempts, next_attempt_at, dead_at)
                select 'test.consumer', xid, id, aggregate, 24, now(), now() from event
            )
            select xid || '-' || id from event
            """
        );
        return $"/v1/operations/outbox/test.consumer/{position}/replay";
    }
}
