using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Shops.Pages;

/// <summary><c>/portal/bills</c>: what customers were asked to pay; makes bills, calls them off, takes cash for them.</summary>
public static class BillsPage
{
    private const int ShownToChoose = 10;

    /// <summary>The list.</summary>
    public sealed record Shown
    {
        /// <summary>Only this state.</summary>
        public string? State { get; init; }

        /// <summary>What was searched.</summary>
        public string? Search { get; init; }

        /// <summary>From this day on.</summary>
        public string? From { get; init; }

        /// <summary>Up to this day.</summary>
        public string? To { get; init; }

        internal BillPage Bills { get; init; } = null!;
    }

    /// <summary>A bill.</summary>
    public sealed record One
    {
        /// <summary>The key of the form that is shown again.</summary>
        public string? Key { get; init; }

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        internal BillView Bill { get; init; } = null!;
    }

    /// <summary>A new bill: first for whom, then how much.</summary>
    public sealed record Form
    {
        /// <summary>What was searched.</summary>
        public string? Search { get; init; }

        /// <summary>What was typed.</summary>
        public IFormCollection? Typed { get; init; }

        /// <summary>The key of the form that is shown again.</summary>
        public string? Key { get; init; }

        /// <summary>Why it is shown again.</summary>
        public PageRefusal? Refused { get; init; }

        internal CustomerView? Customer { get; init; }

        internal IReadOnlyList<CustomerView> Choice { get; init; } = [];
    }

    internal static void Map(RouteGroupBuilder portal)
    {
        portal.MapGet("/bills", ListAsync);
        portal.MapGet("/bills/new", NewAsync);
        portal.MapPost("/bills/new", MakeAsync);
        portal.MapGet("/bills/{id}", static (string id, PageApi api) => ShowAsync(id, api, refused: null, form: null));
        portal.MapPost("/bills/{id}/cash", CashAsync);
        portal.MapPost("/bills/{id}/cancel", CancelAsync);
    }

    private static async Task<IResult> ListAsync(
        string? state,
        string? q,
        string? customer,
        string? from,
        string? to,
        string? cursor,
        PortalShop portal,
        PageApi api
    )
    {
        var only = PaymentsPage.States.Contains(state) ? state : null;
        var query = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["limit"] = "30",
            ["shop"] = portal.Id,
            ["state"] = only,
            ["q"] = Given(q),
            ["customer"] = Given(customer),
            ["from"] = Given(from),
            ["to"] = Given(to),
            ["cursor"] = cursor,
        };
        var bills = await api.GetAsync<BillPage>(QueryHelpers.AddQueryString("/v1/bills", query));
        return PageAnswers.Page<BillList>(
            new Shown
            {
                State = only,
                Search = q,
                From = from,
                To = to,
                Bills = bills,
            }
        );
    }

    private static async Task<IResult> NewAsync(string? customer, string? q, PortalShop portal, PageApi api) =>
        PageAnswers.Page<BillForm>(
            customer is null
                ? new Form { Search = q, Choice = (await CustomersPage.FindAsync(portal, api, q, cursor: null, ShownToChoose)).Data }
                : new Form { Customer = await CustomerAsync(customer, portal, api) }
        );

    private static async Task<IResult> MakeAsync(IFormCollection form, PortalShop portal, PageApi api)
    {
        try
        {
            var wish = new
            {
                shop = portal.Id,
                customer = form["customer"].ToString(),
                amount = form.DemandedMoneyOf(),
                note = form.Text("note"),
                reference = form.Text("reference"),
                expires_in = int.TryParse(form["days"], System.Globalization.CultureInfo.InvariantCulture, out var days) ? days * 86_400L : (long?)null,
            };
            var bill = await api.SendAsync<BillView>("POST", "/v1/bills", wish, form.Key());
            return PageAnswers.Go("/portal/bills/" + bill.Id);
        }
        catch (PageRefusal refused)
        {
            var again = new Form
            {
                Customer = await CustomerAsync(form["customer"].ToString(), portal, api),
                Typed = form,
                Key = form.KeyAgain(refused),
                Refused = refused,
            };
            return PageAnswers.Page<BillForm>(again, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> ShowAsync(string id, PageApi api, PageRefusal? refused, IFormCollection? form)
    {
        var shown = new One
        {
            Bill = await BillAsync(id, api),
            Refused = refused,
            Key = refused is null ? null : form?.KeyAgain(refused),
        };
        return PageAnswers.Page<BillDetail>(shown, refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> CashAsync(string id, IFormCollection form, PageApi api)
    {
        var bill = await BillAsync(id, api);
        try
        {
            await api.SendAsync("POST", PaymentPage.Of(bill.Payment) + "/pay", new { method = CashMethod.MethodName }, form.Key());
            return PageAnswers.Go("/portal/bills/" + id);
        }
        catch (PageRefusal refused)
        {
            return await ShowAsync(id, api, refused, form);
        }
    }

    private static async Task<IResult> CancelAsync(string id, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", $"/v1/bills/{Uri.EscapeDataString(id)}/cancel");
            return PageAnswers.Go("/portal/bills/" + id);
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, api, refused, form);
        }
    }

    private static Task<BillView> BillAsync(string id, PageApi api) => api.GetAsync<BillView>("/v1/bills/" + Uri.EscapeDataString(id));

    private static async Task<CustomerView> CustomerAsync(string id, PortalShop portal, PageApi api) =>
        (await api.GetAsync<ShowCustomer.Shown>($"/v1/shops/{portal.Id}/customers/{Uri.EscapeDataString(id)}")).Customer;

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
