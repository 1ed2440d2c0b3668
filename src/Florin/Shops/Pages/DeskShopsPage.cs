using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary><c>/admin/shops</c>: everybody's shops, and who wants one; <c>/admin/shops/{id}</c>: one of them, with its plan and its payouts.</summary>
public static class DeskShopsPage
{
    /// <summary>The list.</summary>
    public sealed record Listed(Page<FoundShop> Shops, string? Name)
    {
        internal IReadOnlyList<ShopApplicationView> Applications { get; init; } = [];

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>Whether the last action was done.</summary>
        public bool Done { get; init; }
    }

    /// <summary>One shop.</summary>
    public sealed record Shown(string Owner)
    {
        internal ShopView Shop { get; init; } = null!;

        internal IReadOnlyList<PayoutView> Payouts { get; init; } = [];

        internal IReadOnlyList<string> Plans { get; init; } = [];

        internal PreviewPlan.Response? Preview { get; init; }

        /// <summary>The plan and the reason as they were typed.</summary>
        public (string Plan, string Reason) Wish { get; init; } = ("", "");

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>Whether the last action was done.</summary>
        public bool Done { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet(
            "/shops",
            static (string? name, string? cursor, string? done, PageApi api) => ListAsync(name, cursor, done is not null, api, refused: null)
        );
        pages.MapPost("/shops/applications/{id}/approve", static (string id, IFormCollection form, PageApi api) => DecideAsync(id, "approve", form, api));
        pages.MapPost("/shops/applications/{id}/refuse", static (string id, IFormCollection form, PageApi api) => DecideAsync(id, "refuse", form, api));
        pages.MapGet("/shops/{id}", static (string id, string? done, PageApi api) => ShowAsync(id, done is not null, api, refused: null));
        pages.MapPost("/shops/{id}/plan-preview", PreviewAsync);
        pages.MapPost("/shops/{id}/plan", PlanAsync);
    }

    private static async Task<IResult> ListAsync(string? name, string? cursor, bool done, PageApi api, PageRefusal? refused)
    {
        var applications = StaffForms.Query("/v1/shop-applications", ("all", "true"), ("state", ShopApplication.Pending), ("limit", "100"));
        var shown = new Listed(
            await api.GetAsync<Page<FoundShop>>(StaffForms.Query("/v1/shops/desk", ("name", name), ("cursor", cursor), ("limit", "30"))),
            name
        )
        {
            Applications = (await api.GetAsync<Page<ShopApplicationView>>(applications)).Data,
            Refused = refused,
            Done = done,
        };
        return PageAnswers.Page<DeskShopList>(shown, refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> ShowAsync(
        string id,
        bool done,
        PageApi api,
        PageRefusal? refused,
        PreviewPlan.Response? preview = null,
        (string, string) wish = default
    )
    {
        var path = "/v1/shops/" + StaffForms.Part(id);
        var found = await api.GetAsync<DeskShop>(path + "/desk");
        var shown = new Shown(found.Owner)
        {
            Shop = found.Shop,
            Payouts = (await api.GetAsync<Page<PayoutView>>(StaffForms.Query("/v1/payouts", ("shop", id), ("limit", "30")))).Data,
            Preview = preview,
            Wish = wish,
            Plans = [.. (await api.GetAsync<Page<SetPlan.Response>>("/v1/shop-plans")).Data.Select(plan => plan.Name)],
            Refused = refused,
            Done = done,
        };
        return PageAnswers.Page<DeskShopDetail>(shown, refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> DecideAsync(string id, string what, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", $"/v1/shop-applications/{StaffForms.Part(id)}/{what}", new { note = form.Given("note") }, form.FormKey());
            return PageAnswers.Go("/admin/shops?done=1");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ListAsync(null, null, done: false, api, refused);
        }
    }

    private static async Task<IResult> PreviewAsync(string id, IFormCollection form, PageApi api)
    {
        try
        {
            var path = StaffForms.Query($"/v1/shops/{StaffForms.Part(id)}/plan-preview", ("plan", form["plan"]));
            var wish = (form["plan"].ToString(), form["reason"].ToString());
            return await ShowAsync(id, done: false, api, refused: null, await api.GetAsync<PreviewPlan.Response>(path), wish);
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, done: false, api, refused);
        }
    }

    private static async Task<IResult> PlanAsync(string id, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("PUT", $"/v1/shops/{StaffForms.Part(id)}/plan", new { plan = form["plan"].ToString(), reason = form["reason"].ToString() });
            return PageAnswers.Go($"/admin/shops/{id}?done=1");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, done: false, api, refused);
        }
    }
}
