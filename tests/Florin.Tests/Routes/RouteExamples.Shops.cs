using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Shops;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static string[] AnAdmin => [Roles.Merchant, Roles.Admin];

    private static IEnumerable<RouteExample> Shops() =>
        [
            new("GET /v1/shops/{id}", Shop("")) { Roles = AMerchant },
            new("PATCH /v1/shops/{id}", Shop(""), new { name = "Tea House" }) { Roles = AMerchant },
            new("DELETE /v1/shops/{id}", Shop("")) { Roles = AMerchant },
            new("GET /v1/shops/{id}/qr", Shop("/qr")) { Roles = AMerchant },
            new("POST /v1/shops/{id}/sales", Shop("/sales"), TenTenge) { Whose = Whose.Callers, Roles = AMerchant },
            new("GET /v1/shops/{id}/sign", Shop("/sign")) { Whose = Whose.Callers, Roles = AMerchant },
            new("GET /v1/shops/{id}/payments", Shop("/payments")) { Roles = AMerchant },
            new("PUT /v1/shops/{id}/plan", Shop("/plan"), new { plan = "standard" }) { Whose = Whose.Callers, Roles = AnAdmin },
            new("GET /v1/shops/{id}/picture", ShopPictureAsync) { Whose = Whose.Callers, Roles = AMerchant },
            new("PUT /v1/shops/{id}/picture", Shop("/picture")) { Roles = AMerchant },
            new("DELETE /v1/shops/{id}/picture", Shop("/picture")) { Roles = AMerchant },
            new("POST /v1/shop-applications/{id}/approve", who => ApplicationAsync(who, "/approve"), new { }) { Whose = Whose.Callers, Roles = AnAdmin },
            new("POST /v1/shop-applications/{id}/refuse", who => ApplicationAsync(who, "/refuse"), new { }) { Whose = Whose.Callers, Roles = AnAdmin },
            new("GET /v1/shops/{id}/members", Shop("/members")) { Roles = AMerchant },
            new("POST /v1/shops/{id}/members", Shop("/members"), new { login = "till@example.org" }) { Roles = AMerchant },
            new("DELETE /v1/shops/{id}/members/{person}", MemberAsync) { Roles = AMerchant },
            new("GET /v1/shops/{id}/invitations", Shop("/invitations")) { Roles = AMerchant },
            new("DELETE /v1/shops/{id}/invitations/{invitation}", InvitationAsync) { Roles = AMerchant },
            new("GET /v1/shops/{id}/customers", Shop("/customers")) { Roles = AMerchant },
            new("POST /v1/shops/{id}/customers", Shop("/customers"), new { username = "x" }) { Roles = AMerchant },
            new("POST /v1/shops/{id}/customers/links", Shop("/customers/links"), new { login = "guest@example.org" }) { Roles = AMerchant },
            new("GET /v1/shops/{id}/customers/{person}", CustomerAsync) { Roles = AMerchant },
            new("DELETE /v1/shops/{id}/customers/{person}", CustomerAsync) { Roles = AMerchant },
        ];

    private static IEnumerable<RouteExample> Bills() =>
        [
            new("GET /v1/bills/{id}", who => BillAsync(who, "")) { Roles = AMerchant },
            new("GET /v1/bills/{id}/print", who => BillAsync(who, "/print")) { Roles = AMerchant },
            new("POST /v1/bills/{id}/cancel", who => BillAsync(who, "/cancel"), new { }) { Roles = AMerchant },
        ];

    private static Func<SignedIn, Task<string>> Shop(string rest) => After("/v1/shops", new { name = "Corner Shop" }, "/v1/shops/{0}" + rest);

    private static async Task<string> ApplicationAsync(SignedIn who, string rest) =>
        await ApplicationTests.ApplyAsync(who.App, (await SignedIn.AsAsync(who.App)).Id) + rest;

    private static async Task<string> ShopPictureAsync(SignedIn who)
    {
        var path = await Shop("/picture")(who);
        using var picture = new ByteArrayContent(Pictures.Png()) { Headers = { ContentType = new("image/png") } };
        Assert.True((await who.Http.PutAsync(new Uri(path, UriKind.Relative), picture, TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        return path;
    }

    private static async Task<string> InvitationAsync(SignedIn who)
    {
        var shop = await Shop("")(who);
        var login = new { login = Desk.FreshAddress() };
        return $"{shop}/invitations/{(await SignedIn.Json(await who.SendAsync("POST", shop + "/members", login))).GetProperty("id").GetString()}";
    }

    private static async Task<string> MemberAsync(SignedIn who) => await JoinedAsync(who, "/members", "/members/");

    private static async Task<string> CustomerAsync(SignedIn who) => await JoinedAsync(who, "/customers/links", "/customers/");

    // Invites somebody, who accepts.
    private static async Task<string> JoinedAsync(SignedIn who, string invite, string kind)
    {
        var shop = await Shop("")(who);
        var invited = await SignedIn.Json(await who.SendAsync("POST", shop + invite, new { login = Desk.FreshAddress() }));
        var guest = await SignedIn.AsAsync(who.App);
        var code = new { code = invited.GetProperty("sandbox_code").GetString() };
        await SignedIn.Json(await guest.SendAsync("POST", "/v1/shop-invitations/accept", code));
        return shop + kind + guest.Person.PublicId;
    }

    private static async Task<string> BillAsync(SignedIn who, string rest)
    {
        var customer = (await CustomerAsync(who)).Split('/');
        var order = new
        {
            shop = customer[3],
            customer = customer[5],
            amount = new { amount = "10.00", currency = "KZT" },
        };
        JsonElement bill = await SignedIn.Json(await who.SendAsync("POST", "/v1/bills", order));
        return $"/v1/bills/{bill.GetProperty("id").GetString()}{rest}";
    }
}
