using Florin.Platform.Pages;

namespace Florin.Notifications.Pages;

/// <summary><c>/account/notifications</c>: how one is told of what.</summary>
public static class NoticesPage
{
    /// <summary>What the page shows.</summary>
    public sealed record Form(bool Saved)
    {
        internal ListMyNotifications.Response Choices { get; init; } = null!;
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/notifications", ShowAsync);
        pages.MapPost("/notifications", ChangeAsync);
    }

    private static async Task<IResult> ShowAsync(string? saved, PageApi api) =>
        PageAnswers.Page<NoticeChoices>(new Form(saved is not null) { Choices = await api.GetAsync<ListMyNotifications.Response>("/v1/me/notifications") });

    private static async Task<IResult> ChangeAsync(IFormCollection form, PageApi api)
    {
        var choices = NoticeKinds.Usual.Keys.ToDictionary(kind => kind, kind => form[kind].ToString(), StringComparer.Ordinal);
        await api.SendAsync("PATCH", "/v1/me/notifications", choices);
        return PageAnswers.Go("/account/notifications?saved=1");
    }
}
