using System.Text.Json;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Vouchers;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>POST /api/vouchers/redeem/</c> and <c>GET /api/vouchers/usage-history/</c>. A voucher is redeemed by its owner, or by who verifies its service, and
/// for its own service; there it was by anybody, and for anything.
/// </summary>
internal static class RedeemByCode
{
    private const string UsageKind = "voucher_app.usage";
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });

    private sealed record Usage(
        long Id,
        string? VoucherCode,
        string VoucherTypeName,
        string ServiceType,
        JsonElement ServiceData,
        string UsedAt,
        string? IpAddress
    );

    // A verifier who is not its owner gets no voucher: they see the use.
    private sealed record Response(string Message, OldVoucher? Voucher, Usage Usage);

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/vouchers/redeem", RedeemAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing);
        api.MapGet("/vouchers/usage-history", HistoryAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);
    }

    private static async Task<IResult> RedeemAsync(HttpContext http, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (code, serviceType) = (body.Text("code", 20), body.Text("service_type", 100));
        var serviceData = body.Json("service_data") ?? Nothing;
        body.Check();
        var redeemed = await UseAsync(
            api,
            new
            {
                code,
                serviceType,
                serviceData,
            }
        );
        var voucher = await OwnAsync(api, redeemed.Voucher, ids, cancel);
        var number = await ids.NumberAsync(UsageKind, Ids.Read("vrd", redeemed.Id), cancel);
        var usage = Show(redeemed, number, voucher?.Code ?? code.ToUpperInvariant(), http.Connection.RemoteIpAddress?.ToString());
        return Results.Json(new Response("Voucher redeemed successfully", voucher, usage), Wire.Json);
    }

    private static async Task<VoucherRedemptionView> UseAsync(EdgeApi api, object redemption)
    {
        try
        {
            return await api.SendAsync<VoucherRedemptionView>("POST", "/v1/vouchers/redemptions", redemption);
        }
        catch (PageRefusal refusal) when (refusal.Code.StartsWith("voucher_", StringComparison.Ordinal) && refusal.Code is not "voucher_changed")
        {
            throw PlatformRefusals.InvalidRequest.Field("code", refusal.Title);
        }
    }

    private static async Task<OldVoucher?> OwnAsync(EdgeApi api, string id, CompatIds ids, CancellationToken cancel)
    {
        try
        {
            return (await OldVoucher.OfAsync([await api.GetAsync<VoucherView>("/v1/vouchers/" + id)], ids, cancel))[0];
        }
        catch (PageRefusal refusal) when (refusal.Status == 404)
        {
            return null;
        }
    }

    private static async Task<IResult> HistoryAsync(HttpRequest request, Caller caller, EdgeApi api, CompatIds ids, CancellationToken cancel)
    {
        var uses = await OwnUsesAsync(caller, api);
        var codes = await CodesAsync(api);
        var numbers = await ids.NumbersAsync(UsageKind, [.. uses.Select(use => Ids.Read("vrd", use.Id))], cancel);
        return EdgePage.Of(request, uses.ConvertAll(use => Show(use, numbers[Ids.Read("vrd", use.Id)], codes.GetValueOrDefault(use.Voucher), null)));
    }

    /// <summary>The newest redemptions that the caller performed, as in the original.</summary>
    internal static async Task<List<VoucherRedemptionView>> OwnUsesAsync(Caller caller, EdgeApi api)
    {
        var me = Ids.Show(Identity.Person.Prefix, caller.Person);
        return
        [
            .. (await api.NewestAsync<VoucherRedemptionView>("/v1/vouchers/redemptions")).Where(use =>
                use.UndoneAt is null && string.Equals(use.RedeemedBy, me, StringComparison.Ordinal)
            ),
        ];
    }

    /// <summary>The codes of the caller's own newest vouchers.</summary>
    internal static async Task<Dictionary<string, string>> CodesAsync(EdgeApi api) =>
        (await api.NewestAsync<VoucherView>("/v1/vouchers")).ToDictionary(one => one.Id, one => one.Code, StringComparer.Ordinal);

    private static Usage Show(VoucherRedemptionView use, long number, string? code, string? address) =>
        new(number, code, use.Name, use.ServiceType, use.ServiceData, EdgeFormats.Time(use.RedeemedAt), address);
}
