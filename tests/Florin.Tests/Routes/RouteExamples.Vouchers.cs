using System.Text.Json;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Vouchers;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static string[] ACustomerOfSupport => [Roles.Customer, Roles.Support];

    private static IEnumerable<RouteExample> Vouchers() =>
        [
            new("GET /v1/voucher-types/{id}", VoucherTypeOf("")) { Whose = Whose.Callers },
            new("PATCH /v1/voucher-types/{id}", VoucherTypeOf(""), new { name = "Other" }) { Whose = Whose.Callers, Roles = AnAdmin },
            new("DELETE /v1/voucher-types/{id}", VoucherTypeOf("")) { Whose = Whose.Callers, Roles = AnAdmin },
            new("GET /v1/voucher-types/{id}/picture", VoucherPictureAsync) { Whose = Whose.Callers, Roles = AnAdmin },
            new("PUT /v1/voucher-types/{id}/picture", VoucherTypeOf("/picture")) { Whose = Whose.Callers, Roles = AnAdmin },
            new("DELETE /v1/voucher-types/{id}/picture", VoucherTypeOf("/picture")) { Whose = Whose.Callers, Roles = AnAdmin },
            new("PATCH /v1/voucher-discounts/{id}", VoucherDiscountAsync, new { active = false }) { Whose = Whose.Callers, Roles = AnAdmin },
            new("DELETE /v1/voucher-verifiers/{serviceType}/{person}", VoucherVerifierAsync) { Whose = Whose.Callers, Roles = AnAdmin },
            new("GET /v1/vouchers/{code}", VoucherOf("")),
            new("GET /v1/vouchers/{code}/history", VoucherOf("/history")),
            new("GET /v1/vouchers/{code}/qr", VoucherOf("/qr")),
            new("POST /v1/vouchers/{code}/gift", VoucherOf("/gift"), new { to = "0000000000" }),
            new("POST /v1/vouchers/redemptions/{id}/undo", VoucherRedemptionAsync, new { why = "x" }) { Whose = Whose.Callers, Roles = ACustomerOfSupport },
        ];

    private static Func<SignedIn, Task<string>> VoucherTypeOf(string rest) =>
        async who => $"/v1/voucher-types/{(await VoucherStand.OpenAsync(who.App)).Type}{rest}";

    private static async Task<string> VoucherPictureAsync(SignedIn who)
    {
        var path = await VoucherTypeOf("/picture")(who);
        using var picture = new ByteArrayContent(Pictures.Png()) { Headers = { ContentType = new("image/png") } };
        Assert.True((await who.Http.PutAsync(new Uri(path, UriKind.Relative), picture, TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        return path;
    }

    private static async Task<string> VoucherDiscountAsync(SignedIn who)
    {
        var discount = new
        {
            code = "D" + Guid.NewGuid().ToString("N")[..10],
            valid_from = "2026-01-01T00:00:00Z",
            valid_until = "2036-01-01T00:00:00Z",
            percent_bps = 1000,
        };
        return "/v1/voucher-discounts/" + (await SignedIn.Json(await who.SendAsync("POST", "/v1/voucher-discounts", discount))).GetProperty("id").GetString();
    }

    private static async Task<string> VoucherVerifierAsync(SignedIn who)
    {
        var stand = await VoucherStand.OpenAsync(who.App);
        var verifier = await SignedIn.AsAsync(who.App);
        var grant = new { login = verifier.Person.Username, service_type = stand.Code };
        await SignedIn.Json(await who.SendAsync("POST", "/v1/voucher-verifiers", grant));
        return $"/v1/voucher-verifiers/{stand.Code}/{verifier.Person.PublicId}";
    }

    private static Func<SignedIn, Task<string>> VoucherOf(string rest) =>
        async who => $"/v1/vouchers/{(await BoughtVoucherAsync(who)).GetProperty("id").GetString()}{rest}";

    private static async Task<string> VoucherRedemptionAsync(SignedIn who)
    {
        // Nobody gives their own voucher a use back.
        var owner = await SignedIn.AsAsync(who.App);
        var redemption = new { code = (await BoughtVoucherAsync(owner)).GetProperty("code").GetString() };
        var done = await SignedIn.Json(await owner.SendAsync("POST", "/v1/vouchers/redemptions", redemption));
        return $"/v1/vouchers/redemptions/{done.GetProperty("id").GetString()}/undo";
    }

    private static async Task<JsonElement> BoughtVoucherAsync(SignedIn who)
    {
        var stand = await VoucherStand.OpenAsync(who.App, "1.00", "KZT");
        var wallets = await SignedIn.Json(await who.GetAsync("/v1/wallets"));
        var wallet =
            wallets.GetProperty("data").GetArrayLength() > 0
                ? wallets.GetProperty("data")[0]
                : await SignedIn.Json(await who.SendAsync("POST", "/v1/wallets", new { currency = "KZT" }));
        var deposit = new { amount = new { amount = "1.00", currency = "KZT" } };
        await SignedIn.Json(await who.SendAsync("POST", $"/v1/wallets/{wallet.GetProperty("id").GetString()}/deposits", deposit));
        var order = new { purpose = "voucher", subject = new { type = stand.Type } };
        var payment = (await SignedIn.Json(await who.SendAsync("POST", "/v1/payments", order))).GetProperty("id").GetString();
        await SignedIn.Json(await who.SendAsync("POST", $"/v1/payments/{payment}/pay", new { method = "wallet" }));
        return (await SignedIn.Json(await who.GetAsync("/v1/vouchers?payment=" + payment))).GetProperty("data")[0];
    }
}
