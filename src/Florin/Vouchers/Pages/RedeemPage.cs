using System.Text.Json;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Vouchers.Pages;

/// <summary><c>/vouchers/redeem</c>: uses a voucher once, one's own or, for who verifies its service, somebody else's; a voucher's QR code leads here.</summary>
public static class RedeemPage
{
    /// <summary>The form, and what was just redeemed.</summary>
    public sealed record Form(string? Code = null, string? Note = null, string? Key = null, PageRefusal? Refused = null)
    {
        internal VoucherRedemptionView? Done { get; init; }

        internal IReadOnlyList<string> Services { get; init; } = [];

        internal IReadOnlyList<VoucherRedemptionView> Latest { get; init; } = [];
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/redeem", async (string? code, PageApi api) => PageAnswers.Page<Redeem>(await FillAsync(new Form(VoucherCode.Read(code)), api)));
        pages.MapPost("/redeem", RedeemAsync).LimitRate(RateLimit.Money);
    }

    private static async Task<IResult> RedeemAsync(IFormCollection form, PageApi api)
    {
        var shown = new Form(form["code"].ToString().Trim(), string.IsNullOrWhiteSpace(form["note"]) ? null : form["note"].ToString().Trim());
        var key = form["idempotency_key"].ToString();
        try
        {
            var order = new { code = shown.Code, service_data = shown.Note is null ? (object)new { } : new { note = shown.Note } };
            var done = await api.SendAsync<VoucherRedemptionView>("POST", "/v1/vouchers/redemptions", order, key);
            return PageAnswers.Page<Redeem>(await FillAsync(new Form { Done = done }, api));
        }
        catch (PageRefusal refused)
        {
            shown = shown with { Refused = refused, Key = refused.Status == StatusCodes.Status503ServiceUnavailable ? key : null };
            return PageAnswers.Page<Redeem>(await FillAsync(shown, api), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<Form> FillAsync(Form shown, PageApi api) =>
        shown with
        {
            Services = (await api.GetAsync<Page<string>>("/v1/me/voucher-services")).Data,
            Latest = (await api.GetAsync<Page<VoucherRedemptionView>>("/v1/vouchers/redemptions?limit=10")).Data,
        };

    /// <summary>What was noted, for a reader.</summary>
    internal static string? NoteOf(VoucherRedemptionView redemption) =>
        redemption.ServiceData.ValueKind == JsonValueKind.Object
        && redemption.ServiceData.TryGetProperty("note", out var note)
        && note.ValueKind == JsonValueKind.String
            ? note.GetString()
            : null;
}
