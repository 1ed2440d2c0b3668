using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static IEnumerable<RouteExample> Identity() =>
        [
            new("DELETE /v1/me/passkeys/{id}", PasskeyAsync),
            new("DELETE /v1/api-keys/{id}", After("/v1/api-keys", new { name = "till", scopes = SignedIn.List("wallets:read") }, "/v1/api-keys/{0}"))
            {
                Roles = [Florin.Platform.Roles.Merchant],
            },
            new("DELETE /v1/sessions/{id}", AnotherSessionAsync),
            new("DELETE /v1/users/{id}", SomebodyAsync) { Whose = Whose.Callers, Roles = [Florin.Platform.Roles.Admin] },
            new("GET /v1/users/{id}", SomebodyAsync) { Whose = Whose.Callers, Roles = [Florin.Platform.Roles.Auditor] },
            new("PATCH /v1/users/{id}", SomebodyAsync, new { first_name = "Ada" }) { Whose = Whose.Callers, Roles = [Florin.Platform.Roles.Support] },
            new("POST /v1/registrations/{id}/verify", RegistrationAsync, new { code = "000000" }) { Whose = Whose.Knowers },
        ];

    private static async Task<string> AnotherSessionAsync(SignedIn who)
    {
        var credentials = new { login = who.Person.Username, password = SignedIn.Password };
        var started = await SignedIn.Json(await SignedIn.SendAsync(who.App.Http, "POST", "/v1/sessions", credentials));
        return "/v1/sessions/" + started.GetProperty("session_id").GetString();
    }

    private static async Task<string> SomebodyAsync(SignedIn who) => "/v1/users/" + (await SignedIn.AsAsync(who.App)).Person.PublicId;

    private static async Task<string> RegistrationAsync(SignedIn who)
    {
        var draft = new { email = Calls.Fresh("reg") + "@example.org", password = SignedIn.Password };
        var started = await SignedIn.Json(await SignedIn.SendAsync(who.App.Http, "POST", "/v1/registrations", draft));
        return $"/v1/registrations/{started.GetProperty("id").GetString()}/verify";
    }

    private static async Task<string> PasskeyAsync(SignedIn who)
    {
        using var device = await PasskeyTests.WithPasskeyAsync(who);
        var listed = await SignedIn.Json(await who.GetAsync("/v1/me/passkeys"));
        return "/v1/me/passkeys/" + listed.GetProperty("data")[0].GetProperty("id").GetString();
    }
}
