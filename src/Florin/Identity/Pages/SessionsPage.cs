using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/account/sessions</c>: where one is signed in, and out of it.</summary>
public static class SessionsPage
{
    /// <summary>What the page shows.</summary>
    public sealed record Form
    {
        internal Page<ListSessions.Response> Shown { get; init; } = null!;
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sessions", ShowAsync);
        pages.MapPost("/sessions/{id}/end", EndAsync);
    }

    private static async Task<IResult> ShowAsync(string? cursor, PageApi api)
    {
        var path = "/v1/sessions" + (string.IsNullOrEmpty(cursor) ? "" : "?cursor=" + Uri.EscapeDataString(cursor));
        return PageAnswers.Page<SessionRows>(new Form { Shown = await api.GetAsync<Page<ListSessions.Response>>(path) });
    }

    private static async Task<IResult> EndAsync(string id, PageApi api)
    {
        await api.SendAsync("DELETE", "/v1/sessions/" + Uri.EscapeDataString(id));
        return PageAnswers.Go("/account/sessions");
    }
}
