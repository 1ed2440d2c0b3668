using System.Globalization;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Vouchers.Pages;

/// <summary><c>/vouchers/buy</c>: how many, with which discount, for whom; then the payer's page.</summary>
public static class BuyPage
{
    /// <summary>The form.</summary>
    public sealed record Form(string? Quantity, string? Currency, string? Discount, string? GiftTo, string? Key = null, PageRefusal? Refused = null)
    {
        internal VoucherTypeView Type { get; init; } = null!;
    }

    private sealed record ToPay(string PayUrl);

    private sealed record Recipient(string Number);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/buy", ShowAsync);
        pages.MapPost("/buy", BuyAsync).LimitRate(RateLimit.Money);
    }

    private static async Task<IResult> ShowAsync(string? type, PageApi api) =>
        type is null ? PageAnswers.Go("/vouchers") : PageAnswers.Page<BuyForm>(new Form("1", null, null, null) { Type = await TypeAsync(type, api) });

    private static async Task<IResult> BuyAsync(IFormCollection form, PageApi api)
    {
        var key = form["idempotency_key"].ToString();
        var shown = new Form(Given(form["quantity"]), Given(form["currency"]), Given(form["discount"]), Given(form["gift_to"]))
        {
            Type = await TypeAsync(form["type"].ToString(), api),
        };
        try
        {
            var recipient = shown.GiftTo is null ? null : await FindAsync(shown.GiftTo, api);
            var order = new
            {
                purpose = VoucherSale.Name,
                subject = new
                {
                    type = shown.Type.Id,
                    quantity = int.TryParse(shown.Quantity, NumberStyles.None, CultureInfo.InvariantCulture, out var quantity) ? quantity : 0,
                    currency = shown.Currency,
                    discount = shown.Discount,
                    gift_to = recipient?.Number,
                },
            };
            var payment = await api.SendAsync<ToPay>("POST", "/v1/payments", order, key);
            return PageAnswers.Go(new Uri(payment.PayUrl).PathAndQuery);
        }
        catch (PageRefusal refused)
        {
            shown = shown with { Refused = refused, Key = refused.Status == StatusCodes.Status503ServiceUnavailable ? key : null };
            return PageAnswers.Page<BuyForm>(shown, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static Task<VoucherTypeView> TypeAsync(string type, PageApi api) =>
        api.GetAsync<VoucherTypeView>("/v1/voucher-types/" + Uri.EscapeDataString(type));

    private static Task<Recipient> FindAsync(string to, PageApi api) => api.SendAsync<Recipient>("POST", "/v1/recipients", new { to });

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
