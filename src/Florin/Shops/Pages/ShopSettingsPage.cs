using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary><c>/portal/settings</c>: name, picture, currency, cashiers and what they may pay back, the code at the till, and closing, for owners.</summary>
public static class ShopSettingsPage
{
    /// <summary>What is shown.</summary>
    public sealed record Shown
    {
        /// <summary>Which form is shown again.</summary>
        public string? Form { get; init; }

        /// <summary>What was typed.</summary>
        public IFormCollection? Typed { get; init; }

        /// <summary>Why it is shown again.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>Who was just invited.</summary>
        public string? Invited { get; init; }

        /// <summary>In a sandbox: the code that they were sent.</summary>
        public string? SandboxCode { get; init; }

        internal IReadOnlyList<ListMembers.Response> Members { get; init; } = [];

        internal IReadOnlyList<InvitationView> Invitations { get; init; } = [];
    }

    internal static void Map(RouteGroupBuilder portal)
    {
        portal.MapGet("/settings", static (PortalShop portal, PageApi api) => ShowAsync(portal, api, new Shown()));
        portal.MapPost("/settings", ChangeAsync);
        portal.MapPost("/settings/limits", LimitAsync);
        portal.MapPost("/settings/picture", PictureAsync).LimitBody(PictureFiles.MaxBody);
        portal.MapPost("/settings/members", InviteAsync).LimitRate(RateLimit.Guessing);
        portal.MapPost("/settings/members/{person}/remove", RemoveAsync);
        portal.MapPost("/settings/invitations/{id}/withdraw", WithdrawAsync);
        portal.MapPost("/settings/close", CloseAsync);
        portal.MapGet("/sign", static () => PageAnswers.Page<CounterSign>());
        portal.MapGet("/sign/qr", QrAsync);
    }

    private static async Task<IResult> ShowAsync(PortalShop portal, PageApi api, Shown shown)
    {
        await portal.ReadAsync(); // what was changed a moment ago
        var all = shown with
        {
            Members = (await api.GetAsync<Page<ListMembers.Response>>($"/v1/shops/{portal.Id}/members?limit=100")).Data,
            Invitations = (await api.GetAsync<Page<InvitationView>>($"/v1/shops/{portal.Id}/invitations?limit=100")).Data,
        };
        return PageAnswers.Page<ShopSettings>(all, shown.Refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static Task<IResult> ChangeAsync(IFormCollection form, PortalShop portal, PageApi api) =>
        DoAsync(
            "shop",
            form,
            portal,
            api,
            () =>
                api.SendAsync("PATCH", "/v1/shops/" + portal.Id, new { name = form["name"].ToString(), default_currency = form["default_currency"].ToString() })
        );

    private static Task<IResult> LimitAsync(IFormCollection form, PortalShop portal, PageApi api)
    {
        var limits = portal
            .Currencies.Select(currency => (currency.Code, Typed: form.Text("limit_" + currency.Code)))
            .Where(limit => limit.Typed is not null)
            .Select(limit => PortalForms.Money(limit.Typed!, limit.Code))
            .ToList();
        return DoAsync("limits", form, portal, api, () => api.SendAsync("PATCH", "/v1/shops/" + portal.Id, new { refund_limits = limits }));
    }

    private static Task<IResult> PictureAsync(IFormCollection form, PortalShop portal, PageApi api) =>
        DoAsync(
            "picture",
            form,
            portal,
            api,
            async () =>
            {
                var path = $"/v1/shops/{portal.Id}/picture";
                if (form.Files["picture"] is { Length: > 0 } file)
                {
                    await using var picture = file.OpenReadStream();
                    return await api.SendAsync("PUT", path, picture, "application/octet-stream", key: null);
                }

                return await api.SendAsync("DELETE", path);
            }
        );

    private static async Task<IResult> InviteAsync(IFormCollection form, PortalShop portal, PageApi api)
    {
        try
        {
            var body = new { login = form["login"].ToString().Trim() };
            var invited = await api.SendAsync<InvitationView>("POST", $"/v1/shops/{portal.Id}/members", body, form.Key());
            return await ShowAsync(portal, api, new Shown { Invited = invited.Invited, SandboxCode = invited.SandboxCode });
        }
        catch (PageRefusal refused)
        {
            return await ShowAsync(
                portal,
                api,
                new Shown
                {
                    Form = "members",
                    Typed = form,
                    Refused = refused,
                }
            );
        }
    }

    private static Task<IResult> RemoveAsync(string person, IFormCollection form, PortalShop portal, PageApi api) =>
        DoAsync("remove", form, portal, api, () => api.SendAsync("DELETE", $"/v1/shops/{portal.Id}/members/{Uri.EscapeDataString(person)}"));

    private static Task<IResult> WithdrawAsync(string id, IFormCollection form, PortalShop portal, PageApi api) =>
        DoAsync("withdraw", form, portal, api, () => api.SendAsync("DELETE", $"/v1/shops/{portal.Id}/invitations/{Uri.EscapeDataString(id)}"));

    private static Task<IResult> CloseAsync(IFormCollection form, PortalShop portal, PageApi api) =>
        DoAsync("close", form, portal, api, () => api.SendAsync("DELETE", "/v1/shops/" + portal.Id), after: "/portal/shops");

    private static async Task<IResult> QrAsync(HttpContext http, PortalShop portal, PageApi api)
    {
        var picture = await api.SendAsync("GET", $"/v1/shops/{portal.Id}/qr?format=svg&size=1000");
        http.Response.Headers.CacheControl = "private, max-age=300";
        return Results.Bytes(picture.Body, picture.ContentType);
    }

    private static async Task<IResult> DoAsync(
        string what,
        IFormCollection form,
        PortalShop portal,
        PageApi api,
        Func<Task<PageAnswer>> change,
        string after = "/portal/settings"
    )
    {
        try
        {
            await change();
            return PageAnswers.Go(after);
        }
        catch (PageRefusal refused)
        {
            return await ShowAsync(
                portal,
                api,
                new Shown
                {
                    Form = what,
                    Typed = form,
                    Refused = refused,
                }
            );
        }
    }
}
