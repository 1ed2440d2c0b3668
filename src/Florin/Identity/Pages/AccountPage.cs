using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/account</c>: everything that a person may set about themselves, and where it is.</summary>
public static class AccountPage
{
    /// <summary>What the page shows.</summary>
    public sealed record Form
    {
        internal ShowMe.Response Me { get; init; } = null!;
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("", ShowAsync);

    private static async Task<IResult> ShowAsync(PageApi api) => PageAnswers.Page<Account>(new Form { Me = await api.GetAsync<ShowMe.Response>("/v1/me") });
}
