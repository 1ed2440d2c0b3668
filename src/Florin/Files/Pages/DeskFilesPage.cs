using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Files.Pages;

/// <summary><c>/admin/files</c>: everybody's files by their state, and what their services cost.</summary>
public static class DeskFilesPage
{
    /// <summary>What is shown.</summary>
    public sealed record Shown(string? State)
    {
        internal Page<ListDeskFiles.Response> Files { get; init; } = null!;

        internal IReadOnlyList<ListFilePrices.Response> Offers { get; init; } = [];
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/files", ShowAsync);

    private static async Task<IResult> ShowAsync(string? state, string? cursor, PageApi api)
    {
        var files = await api.GetAsync<Page<ListDeskFiles.Response>>(StaffForms.Query("/v1/files/desk", ("state", state), ("cursor", cursor), ("limit", "30")));
        var offers = await api.GetAsync<Page<ListFilePrices.Response>>("/v1/file-services");
        return PageAnswers.Page<DeskFiles>(new Shown(state) { Files = files, Offers = offers.Data });
    }
}
