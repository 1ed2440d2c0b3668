using System.Text.Json;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Files.Pages;

/// <summary><c>/files/{id}</c>: one file: how far it is, what was found, and the file itself.</summary>
public static class FilePage
{
    // Members of results, as they are called on the page.
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal)
    {
        ["format"] = "Format",
        ["words"] = "Words",
        ["ascii_words"] = "Words by the old rule",
        ["characters"] = "Characters",
        ["lines"] = "Lines",
        ["pages"] = "Pages",
        ["extension"] = "Ending",
    };

    /// <summary>What the page shows.</summary>
    public sealed record Shown
    {
        internal FileView File { get; init; } = null!;

        internal string Title { get; init; } = "";
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/{id}", ShowAsync);
        pages.MapGet("/{id}/content", (string id, PageApi api) => api.PassAsync($"/v1/files/{Uri.EscapeDataString(id)}/content"));
        pages.MapPost("/{id}/delete", DeleteAsync);
    }

    /// <summary>The figure that stands for a result in a list.</summary>
    internal static (string Text, long Value)? Headline(FileView file) =>
        file.Result is { } result && result.TryGetProperty("words", out var words) ? ("{0} words", words.GetInt64()) : null;

    /// <summary>The figures of a result that have a name for people.</summary>
    internal static IEnumerable<(string Label, JsonElement Value)> Figures(FileView file) =>
        file.Result is not { } result
            ? []
            : result
                .EnumerateObject()
                .Where(member => member.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String && Labels.ContainsKey(member.Name))
                .Select(member => (Labels[member.Name], member.Value));

    private static async Task<IResult> ShowAsync(string id, PageApi api)
    {
        var file = await api.GetAsync<FileView>("/v1/files/" + Uri.EscapeDataString(id));
        var offers = await api.GetAsync<Page<ListFilePrices.Response>>("/v1/file-services");
        var title = offers.Data.FirstOrDefault(offer => offer.Service.Equals(file.Service, StringComparison.Ordinal))?.Title ?? file.Service;
        return PageAnswers.Page<FileDetail>(new Shown { File = file, Title = title });
    }

    private static async Task<IResult> DeleteAsync(string id, PageApi api)
    {
        await api.SendAsync("DELETE", "/v1/files/" + Uri.EscapeDataString(id));
        return PageAnswers.Go("/files");
    }
}
