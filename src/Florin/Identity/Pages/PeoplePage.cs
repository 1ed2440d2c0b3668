using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/admin/people</c>: everybody, by the beginning of what names them and by role.</summary>
public static class PeoplePage
{
    /// <summary>The list.</summary>
    public sealed record Shown(string? Search, string? Role)
    {
        internal Page<ShowUser.Response> People { get; init; } = new([], null);

        /// <summary>Why it was not looked for.</summary>
        public PageRefusal? Refused { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/people", ShowAsync);

    private static async Task<IResult> ShowAsync(string? search, string? role, string? cursor, PageApi api)
    {
        var known = Roles.All.Contains(role ?? "", StringComparer.Ordinal) ? role : null;
        try
        {
            var path = StaffForms.Query("/v1/users", ("limit", "30"), ("search", search), ("role", known), ("cursor", cursor));
            return PageAnswers.Page<PeopleList>(new Shown(search, known) { People = await api.GetAsync<Page<ShowUser.Response>>(path) });
        }
        catch (PageRefusal refused) when (refused.Status is StatusCodes.Status400BadRequest)
        {
            return PageAnswers.Page<PeopleList>(new Shown(search, known) { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }
}
