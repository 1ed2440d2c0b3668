using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Admin.Pages;

/// <summary><c>/admin/search</c>: by anything that a caller would say.</summary>
public static class SearchPage
{
    /// <summary>What was looked for and found.</summary>
    public sealed record Shown(string? Text)
    {
        internal SearchAll.Response? Found { get; init; }

        /// <summary>Why it was not looked for.</summary>
        public PageRefusal? Refused { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/search", ShowAsync);

    private static async Task<IResult> ShowAsync(string? q, PageApi api)
    {
        if (string.IsNullOrWhiteSpace(q))
        {
            return PageAnswers.Page<SearchView>(new Shown(Text: null));
        }

        try
        {
            return PageAnswers.Page<SearchView>(new Shown(q) { Found = await api.GetAsync<SearchAll.Response>(StaffForms.Query("/v1/search", ("q", q))) });
        }
        catch (PageRefusal refused) when (refused.Status is StatusCodes.Status400BadRequest)
        {
            return PageAnswers.Page<SearchView>(new Shown(q) { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }
}
