using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary><c>/portal/sale</c>: asks for an amount by keypad; <c>?till=1</c> shows nothing else.</summary>
public static class SalePage
{
    /// <summary>The form.</summary>
    /// <param name="Amount">As typed.</param>
    /// <param name="Currency">Its code; null for the shop's own.</param>
    /// <param name="Note">For the payer.</param>
    /// <param name="Key">The key of the form that is shown again.</param>
    /// <param name="Refused">Why it is shown again.</param>
    public sealed record Form(string? Amount = null, string? Currency = null, string? Note = null, string? Key = null, PageRefusal? Refused = null);

    internal static void Map(RouteGroupBuilder portal)
    {
        portal.MapGet("/sale", static () => PageAnswers.Page<SaleForm>(new Form()));
        portal.MapPost("/sale", AskAsync);
    }

    private static async Task<IResult> AskAsync(IFormCollection form, string? till, PortalShop portal, PageApi api)
    {
        try
        {
            var wish = new
            {
                purpose = Sale.Name,
                amount = form.DemandedMoneyOf(),
                subject = new { shop = portal.Id },
                description = form.Text("note"),
            };
            var payment = await api.SendAsync<PaymentView>("POST", "/v1/payments", wish, form.Key());
            return PageAnswers.Go($"/portal/payments/{payment.Id}{(till is "1" ? "?till=1" : null)}");
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<SaleForm>(
                new Form(form["amount"], form["currency"], form["note"], form.KeyAgain(refused), refused),
                StatusCodes.Status422UnprocessableEntity
            );
        }
    }
}
