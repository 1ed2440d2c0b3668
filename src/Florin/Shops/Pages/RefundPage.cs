using Florin.Payments;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary><c>/portal/payments/{id}/refund</c>: pays back all or part.</summary>
public static class RefundPage
{
    /// <summary>The form.</summary>
    /// <param name="Payment">Of which.</param>
    public sealed record Form(PaymentView Payment)
    {
        /// <summary>As typed; nothing for all that is left.</summary>
        public string? Amount { get; init; }

        /// <summary>One of the reasons.</summary>
        public string? Reason { get; init; }

        /// <summary>For both sides.</summary>
        public string? Note { get; init; }

        /// <summary>The key of the form that is shown again.</summary>
        public string? Key { get; init; }

        /// <summary>Why it is shown again.</summary>
        public PageRefusal? Refused { get; init; }
    }

    internal static readonly string[] Reasons = ["customer_request", "duplicate", "fraudulent", "system_error", "other"];

    internal static void Map(RouteGroupBuilder portal)
    {
        portal.MapGet("/payments/{id}/refund", ShowAsync);
        portal.MapPost("/payments/{id}/refund", RefundAsync);
    }

    private static async Task<IResult> ShowAsync(string id, PageApi api) =>
        PageAnswers.Page<RefundForm>(new Form(await api.GetAsync<PaymentView>(PaymentPage.Of(id))));

    private static async Task<IResult> RefundAsync(string id, IFormCollection form, PageApi api)
    {
        try
        {
            var wish = new
            {
                amount = form.MoneyOf(),
                reason = form["reason"].ToString(),
                note = form.Text("note"),
            };
            await api.SendAsync("POST", PaymentPage.Of(id) + "/refunds", wish, form.Key());
            return PageAnswers.Go("/portal/payments/" + id);
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            var again = new Form(await api.GetAsync<PaymentView>(PaymentPage.Of(id)))
            {
                Amount = form["amount"],
                Reason = form["reason"],
                Note = form["note"],
                Key = form.KeyAgain(refused),
                Refused = refused,
            };
            return PageAnswers.Page<RefundForm>(again, StatusCodes.Status422UnprocessableEntity);
        }
    }
}
