using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Shops.Pages;

/// <summary><c>/portal/customers</c>: whom the shop may bill; finds, makes and invites them.</summary>
public static class CustomersPage
{
    /// <summary>The list.</summary>
    public sealed record Shown
    {
        /// <summary>What was searched.</summary>
        public string? Search { get; init; }

        internal Page<CustomerView> Customers { get; init; } = null!;
    }

    /// <summary>A customer with their bills.</summary>
    public sealed record One
    {
        internal CustomerView Customer { get; init; } = null!;

        internal ShowCustomer.Shown Facts { get; init; } = null!;

        /// <summary>The face template that the shop made and the customer has not confirmed.</summary>
        internal MadeFace? Face { get; init; }
    }

    /// <param name="EnrolledAt">When it was made.</param>
    internal sealed record MadeFace(DateTimeOffset EnrolledAt);

    /// <summary>The forms for a new one.</summary>
    public sealed record Form
    {
        /// <summary>What was typed.</summary>
        public IFormCollection? Typed { get; init; }

        /// <summary>The key of the form that is shown again.</summary>
        public string? Key { get; init; }

        /// <summary>Why it is shown again.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>The name of whoever was just made or invited.</summary>
        public string? Done { get; init; }

        /// <summary>In a sandbox: the code that they were sent.</summary>
        public string? SandboxCode { get; init; }
    }

    internal static void Map(RouteGroupBuilder portal)
    {
        portal.MapGet("/customers", ListAsync);
        portal.MapGet("/customers/new", static () => PageAnswers.Page<CustomerForm>(new Form()));
        portal.MapPost("/customers/new", MakeAsync).LimitRate(RateLimit.Guessing);
        portal.MapPost("/customers/invite", InviteAsync).LimitRate(RateLimit.Guessing);
        portal.MapGet("/customers/{person}", ShowAsync);
        portal.MapPost("/customers/{person}/remove", RemoveAsync);
        portal.MapPost("/customers/{person}/face/remove", RemoveFaceAsync);
    }

    /// <summary>The shop's customers by the beginning of a name.</summary>
    internal static Task<Page<CustomerView>> FindAsync(PortalShop portal, PageApi api, string? q, string? cursor, int limit)
    {
        var query = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["limit"] = limit.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["q"] = string.IsNullOrWhiteSpace(q) ? null : q,
            ["cursor"] = cursor,
        };
        return api.GetAsync<Page<CustomerView>>(QueryHelpers.AddQueryString($"/v1/shops/{portal.Id}/customers", query));
    }

    private static async Task<IResult> ListAsync(string? q, string? cursor, PortalShop portal, PageApi api) =>
        PageAnswers.Page<CustomerList>(new Shown { Search = q, Customers = await FindAsync(portal, api, q, cursor, limit: 30) });

    private static async Task<IResult> ShowAsync(string person, PortalShop portal, PageApi api)
    {
        var facts = await api.GetAsync<ShowCustomer.Shown>(PathOf(portal, person));
        return PageAnswers.Page<CustomerDetail>(
            new One
            {
                Customer = facts.Customer,
                Facts = facts,
                Face = await FaceAsync(person, portal, api),
            }
        );
    }

    private static async Task<MadeFace?> FaceAsync(string person, PortalShop portal, PageApi api)
    {
        try
        {
            return await api.GetAsync<MadeFace>(PathOf(portal, person) + "/face");
        }
        catch (PageRefusal none) when (none.Status == StatusCodes.Status404NotFound)
        {
            return null;
        }
    }

    private static async Task<IResult> MakeAsync(IFormCollection form, PortalShop portal, PageApi api)
    {
        try
        {
            var draft = new
            {
                username = form.Text("username"),
                password = form["password"].ToString() is { Length: > 0 } password ? password : null,
                email = form.Text("email"),
                phone = form.Text("phone"),
                first_name = form.Text("first_name"),
                last_name = form.Text("last_name"),
            };
            var made = await api.SendAsync<CustomerView>("POST", $"/v1/shops/{portal.Id}/customers", draft, form.Key());
            return made.Invitation is { SandboxCode: { } code }
                ? PageAnswers.Page<CustomerForm>(new Form { Done = made.DisplayName, SandboxCode = code })
                : PageAnswers.Go("/portal/customers/" + made.Id);
        }
        catch (PageRefusal refused)
        {
            return Again(form, refused);
        }
    }

    private static async Task<IResult> InviteAsync(IFormCollection form, PortalShop portal, PageApi api)
    {
        try
        {
            var body = new { login = form["login"].ToString().Trim() };
            var invited = await api.SendAsync<InvitationView>("POST", $"/v1/shops/{portal.Id}/customers/links", body, form.Key());
            return PageAnswers.Page<CustomerForm>(new Form { Done = invited.Invited, SandboxCode = invited.SandboxCode });
        }
        catch (PageRefusal refused)
        {
            return Again(form, refused);
        }
    }

    private static async Task<IResult> RemoveAsync(string person, PortalShop portal, PageApi api)
    {
        await api.SendAsync("DELETE", PathOf(portal, person));
        return PageAnswers.Go("/portal/customers");
    }

    private static async Task<IResult> RemoveFaceAsync(string person, PortalShop portal, PageApi api)
    {
        await api.SendAsync("DELETE", PathOf(portal, person) + "/face");
        return PageAnswers.Go("/portal/customers/" + Uri.EscapeDataString(person));
    }

    private static string PathOf(PortalShop portal, string person) => $"/v1/shops/{portal.Id}/customers/{Uri.EscapeDataString(person)}";

    private static IResult Again(IFormCollection form, PageRefusal refused) =>
        PageAnswers.Page<CustomerForm>(
            new Form
            {
                Typed = form,
                Key = form.KeyAgain(refused),
                Refused = refused,
            },
            StatusCodes.Status422UnprocessableEntity
        );
}
