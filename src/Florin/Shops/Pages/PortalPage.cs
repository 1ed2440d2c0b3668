using Florin.Identity;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary><c>/portal</c>: leads to the till; whoever has no shop opens one or joins one, and whoever has several chooses.</summary>
public static class PortalPage
{
    /// <summary>Where the reader works and might.</summary>
    public sealed record Shown
    {
        /// <summary>The name that was typed.</summary>
        public string? Name { get; init; }

        /// <summary>The key of the form that is shown again.</summary>
        public string? Key { get; init; }

        /// <summary>Why a form is shown again.</summary>
        public PageRefusal? Refused { get; init; }

        internal IReadOnlyList<ShopApplicationView> Applications { get; init; } = [];
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("", StartAsync);
        pages.MapGet("/shops", static (PortalShop portal, PageApi api) => ShowAsync(portal, api, new Shown()));
        pages.MapPost("/shops", OpenAsync);
        pages.MapPost("/choose", ChooseAsync);
        pages.MapPost("/join", JoinAsync).LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> StartAsync(PortalShop portal, PageApi api)
    {
        await portal.ReadAsync();
        return portal.Count == 1 || portal.Chosen ? PageAnswers.Go("/portal/sale") : await ShowAsync(portal, api, new Shown());
    }

    private static async Task<IResult> ShowAsync(PortalShop portal, PageApi api, Shown shown)
    {
        await portal.ReadAsync();
        var applications = (await api.GetAsync<Page<ShopApplicationView>>("/v1/shop-applications?limit=5")).Data;
        var status = shown.Refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity;
        return PageAnswers.Page<PortalHome>(shown with { Applications = applications }, status);
    }

    private static async Task<IResult> OpenAsync(IFormCollection form, PageContext page, PortalShop portal, PageApi api, PageSessions sessions)
    {
        var name = form["name"].ToString();
        try
        {
            var answer = await api.SendAsync("POST", "/v1/shops", new { name }, form.Key());
            if (answer.Status == StatusCodes.Status201Created)
            {
                portal.Choose(answer.Read<ShopView>().Id);
                sessions.ReadAgain(page.Http); // a merchant from now on
                return PageAnswers.Go("/portal/sale");
            }

            return PageAnswers.Go("/portal/shops");
        }
        catch (PageRefusal refused)
        {
            return await ShowAsync(
                portal,
                api,
                new Shown
                {
                    Name = name,
                    Refused = refused,
                    Key = form.KeyAgain(refused),
                }
            );
        }
    }

    private static async Task<IResult> ChooseAsync(IFormCollection form, PortalShop portal)
    {
        await portal.ReadAsync();
        if (portal.All.FirstOrDefault(shop => string.Equals(shop.Id, form["shop"], StringComparison.Ordinal)) is { } chosen)
        {
            portal.Choose(chosen.Id);
        }

        return PageAnswers.Go("/portal/sale");
    }

    private static async Task<IResult> JoinAsync(IFormCollection form, PageContext page, PortalShop portal, PageApi api, PageSessions sessions)
    {
        try
        {
            var joined = await api.SendAsync<AcceptInvitation.Response>("POST", "/v1/shop-invitations/accept", new { code = form["code"].ToString().Trim() });
            if (joined.Kind is not ShopInvitation.Cashier)
            {
                return PageAnswers.Go("/");
            }

            portal.Choose(joined.Shop);
            sessions.ReadAgain(page.Http);
            return PageAnswers.Go("/portal/sale");
        }
        catch (PageRefusal refused)
        {
            return await ShowAsync(portal, api, new Shown { Refused = refused });
        }
    }
}
