using Florin.Platform;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static IEnumerable<RouteExample> Reconciliation() =>
        [
            new("GET /v1/reconciliation/settlements/{id}", who => SettlementAsync(who, "")) { Whose = Whose.Callers, Roles = [Roles.Finance] },
            new("GET /v1/reconciliation/settlements/{id}/lines", who => SettlementAsync(who, "/lines")) { Whose = Whose.Callers, Roles = [Roles.Finance] },
            new("POST /v1/reconciliation/exceptions/{id}/resolve", ExceptionAsync, new { reason = "looked at" })
            {
                Whose = Whose.Callers,
                Roles = [Roles.Finance],
            },
        ];

    private static async Task<string> SettlementAsync(SignedIn who, string rest)
    {
        var text = "id,type,amount,currency,created,attempt (metadata)\n" + $"txn_{Guid.NewGuid():N},charge,5.00,usd,2026-10-01 10:00,{Guid.NewGuid():N}\n";
        using var content = new StringContent(text, System.Text.Encoding.UTF8, "text/csv");
        var path = new Uri("/v1/reconciliation/settlements?gateway=stripe&name=a.csv", UriKind.Relative);
        var made = await SignedIn.Json(await who.Http.PostAsync(path, content, TestContext.Current.CancellationToken));
        return $"/v1/reconciliation/settlements/{made.GetProperty("id").GetString()}{rest}";
    }

    private static async Task<string> ExceptionAsync(SignedIn who)
    {
        var settlement = (await SettlementAsync(who, ""))["/v1/reconciliation/settlements/".Length..];
        var found = await SignedIn.Json(await who.GetAsync("/v1/reconciliation/exceptions?settlement=" + settlement));
        return $"/v1/reconciliation/exceptions/{found.GetProperty("data")[0].GetProperty("id").GetString()}/resolve";
    }
}
