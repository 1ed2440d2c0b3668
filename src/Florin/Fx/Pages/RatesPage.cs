using Florin.Platform.Pages;

namespace Florin.Fx.Pages;

/// <summary><c>/admin/rates</c>: rates that jumped and wait for somebody of finance to believe them. Until then the rate in use stays.</summary>
public static class RatesPage
{
    /// <summary>What is shown.</summary>
    public sealed record Shown
    {
        internal ListSuspectRates.Response Suspects { get; init; } = new([]);

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>Whether the last action was done.</summary>
        public bool Done { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/rates", static (string? done, PageApi api) => ShowAsync(api, done is not null, refused: null));
        pages.MapPost("/rates/accept", AcceptAsync);
    }

    private static async Task<IResult> ShowAsync(PageApi api, bool done, PageRefusal? refused) =>
        PageAnswers.Page<SuspectRates>(
            new Shown
            {
                Suspects = await api.GetAsync<ListSuspectRates.Response>("/v1/rates/suspects"),
                Done = done,
                Refused = refused,
            },
            refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );

    private static async Task<IResult> AcceptAsync(IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", "/v1/rates/accept", new { currency = form["currency"].ToString(), rate = form["rate"].ToString() });
            return PageAnswers.Go("/admin/rates?done=1");
        }
        catch (PageRefusal refused)
        {
            return await ShowAsync(api, done: false, refused);
        }
    }
}
