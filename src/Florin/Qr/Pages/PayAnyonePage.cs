using System.Globalization;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Shops;

namespace Florin.Qr.Pages;

/// <summary><c>/pay-anyone/{code}</c>: the page of a shop's standing code. The payer says the amount, which makes the sale, and pays it on its own page.</summary>
public static class PayAnyonePage
{
    /// <summary>The page.</summary>
    /// <param name="Code">The shop's.</param>
    /// <param name="Signature">Of the QR code that led here; null where none did.</param>
    /// <param name="Name">The shop's, as payers read it.</param>
    /// <param name="Open">Whether it still sells.</param>
    /// <param name="Picture">Where its picture is.</param>
    /// <param name="Verified">Whether the QR code is ours; null where none led here.</param>
    /// <param name="Currencies">Codes to choose from.</param>
    /// <param name="Currency">The code that is chosen.</param>
    public sealed record Form(
        string Code,
        string? Signature,
        string Name,
        bool Open,
        string? Picture,
        bool? Verified,
        IReadOnlyList<string> Currencies,
        string Currency
    )
    {
        /// <summary>As typed.</summary>
        public string? Amount { get; init; }

        /// <summary>As typed.</summary>
        public string? Note { get; init; }

        /// <summary>What the reader was refused.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>What is wrong with the amount.</summary>
        public string? AmountError { get; init; }

        /// <summary>The page's own address.</summary>
        public string Address => $"/pay-anyone/{Code}{(Signature is null ? "" : "?s=" + Uri.EscapeDataString(Signature))}";
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/pay-anyone/{code}", ShowAsync).AllowAnonymous();
        pages.MapPost("/pay-anyone/{code}", SellAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);
    }

    private static async Task<IResult> ShowAsync(string code, string? s, PageApi api, Settings settings) =>
        PageAnswers.Page<PayAnyoneView>(await FormAsync(code, s, api, settings));

    private static async Task<IResult> SellAsync(string code, IFormCollection form, PageApi api, Settings settings)
    {
        var shown = await FormAsync(code, form["s"].ToString() is { Length: > 0 } signature ? signature : null, api, settings) with
        {
            Amount = form["amount"].ToString().Trim(),
            Note = form["note"].ToString().Trim(),
            Currency = form["currency"].ToString(),
        };
        if (Read(shown.Amount!) is not { } amount)
        {
            return PageAnswers.Page<PayAnyoneView>(shown with { AmountError = "Write an amount such as 12.50." }, StatusCodes.Status422UnprocessableEntity);
        }

        try
        {
            var body = new { amount = new { amount, currency = shown.Currency }, note = shown.Note };
            var made = await api.SendAsync<PaymentView>("POST", $"/v1/shops/{shown.Code}/sales", body, form["idempotency_key"]);
            return PageAnswers.Go("/pay/" + made.Code);
        }
        catch (PageRefusal refused)
        {
            var again = shown with { Refused = refused, AmountError = refused.Error("amount") ?? refused.Error("amount.amount") };
            return PageAnswers.Page<PayAnyoneView>(again, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<Form> FormAsync(string code, string? signature, PageApi api, Settings settings)
    {
        var shop =
            code.Length == 22
                ? await api.GetAsync<ShowShopSign.Response>($"/v1/shops/{Uri.EscapeDataString(code)}/sign")
                : throw PlatformRefusals.NotFound.With();
        return new Form(
            shop.Code,
            signature,
            shop.Name,
            shop.Open,
            shop.Picture,
            signature is null ? null : await PayPage.IsOursAsync($"{settings.PublicUrl}/pay-anyone/{code}?s={signature}", api),
            [.. settings.Currencies.Select(one => one.Code)],
            shop.Currency
        );
    }

    // As people write it: a comma is a point, and thousands may stand apart. What it comes to is the API's to judge.
    private static string? Read(string text)
    {
        var plain = new string([.. text.Where(c => !char.IsWhiteSpace(c))]).Replace(',', '.');
        return decimal.TryParse(plain, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value > 0 ? plain : null;
    }
}
