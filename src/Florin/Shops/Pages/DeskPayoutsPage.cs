using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary><c>/admin/payouts</c>: what shops want paid out, and what finance decides about it.</summary>
public static class DeskPayoutsPage
{
    /// <summary>The list.</summary>
    public sealed record Listed(string? State)
    {
        internal Page<PayoutView> Payouts { get; init; } = new([], null);
    }

    /// <summary>One payout.</summary>
    public sealed record Shown
    {
        internal PayoutView Payout { get; init; } = null!;

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>Whether the last action was done.</summary>
        public bool Done { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/payouts", ListAsync);
        pages.MapGet("/payouts/{id}", static (string id, string? done, PageApi api) => ShowAsync(id, done is not null, api, refused: null));
        pages.MapPost(
            "/payouts/{id}/approve",
            static (string id, IFormCollection form, PageApi api) => DoAsync(id, "approve", new { password = form.Given("password") }, form, api)
        );
        pages.MapPost("/payouts/{id}/reject", static (string id, IFormCollection form, PageApi api) => DoAsync(id, "reject", form.Reason(), form, api));
        pages.MapPost(
            "/payouts/{id}/paid",
            static (string id, IFormCollection form, PageApi api) =>
                DoAsync(id, "paid", new { reference = form["reference"].ToString(), password = form.Given("password") }, form, api)
        );
        pages.MapPost(
            "/payouts/{id}/failed",
            static (string id, IFormCollection form, PageApi api) =>
                DoAsync(id, "failed", new { reason = form["reason"].ToString(), password = form.Given("password") }, form, api)
        );
    }

    private static async Task<IResult> ListAsync(string? state, string? cursor, PageApi api)
    {
        var only = PayoutStates.All.Contains(state) ? state : null;
        var path = StaffForms.Query("/v1/payouts", ("limit", "30"), ("state", only), ("cursor", cursor));
        return PageAnswers.Page<DeskPayoutList>(new Listed(only) { Payouts = await api.GetAsync<Page<PayoutView>>(path) });
    }

    private static async Task<IResult> ShowAsync(string id, bool done, PageApi api, PageRefusal? refused) =>
        PageAnswers.Page<DeskPayoutDetail>(
            new Shown
            {
                Payout = await api.GetAsync<PayoutView>("/v1/payouts/" + StaffForms.Part(id)),
                Refused = refused,
                Done = done,
            },
            refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );

    private static async Task<IResult> DoAsync(string id, string what, object body, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", $"/v1/payouts/{StaffForms.Part(id)}/{what}", body, form.FormKey());
            return PageAnswers.Go($"/admin/payouts/{id}?done=1");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, done: false, api, refused);
        }
    }
}
