using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static IEnumerable<RouteExample> Notifications() => [new("GET /dev/outbox/{id}", SentMessageAsync) { Whose = Whose.Callers }];

    private static async Task<string> SentMessageAsync(SignedIn who)
    {
        await who.SendAsync("POST", "/v1/password-resets", new { login = who.Person.Username });
        await who.App.Database.WaitAsync($"select exists (select from notifications.messages where recipient = '{who.Person.Email}')");
        var sent = await SignedIn.Json(await who.GetAsync("/dev/outbox?to=" + Uri.EscapeDataString(who.Person.Email!)));
        return "/dev/outbox/" + sent.GetProperty("data")[0].GetProperty("id").GetString();
    }
}
