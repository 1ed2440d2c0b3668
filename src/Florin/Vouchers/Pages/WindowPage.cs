using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Vouchers.Pages;

/// <summary><c>/vouchers</c>: the shop window, for everybody.</summary>
public static class WindowPage
{
    /// <summary>What is sold.</summary>
    public sealed record Form
    {
        internal IReadOnlyList<VoucherTypeView> Types { get; init; } = [];

        internal string? Cursor { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("", ShowAsync).AllowAnonymous();

    private static async Task<IResult> ShowAsync(string? cursor, PageApi api)
    {
        var path = cursor is null ? "/v1/voucher-types" : QueryHelpers.AddQueryString("/v1/voucher-types", "cursor", cursor);
        var types = await api.GetAsync<Page<VoucherTypeView>>(path);
        return PageAnswers.Page<Window>(new Form { Types = types.Data, Cursor = types.NextCursor });
    }
}
