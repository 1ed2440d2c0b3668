using System.Globalization;
using Florin.Platform;

namespace Florin.Compat.VoucherApp;

/// <summary>A page of a list as seed 2 gave it, 20 rows each, newest first; of at most 1,000 rows, and a header says so where there are more.</summary>
internal static class EdgePage
{
    private const int Rows = 20;

    private sealed record Response<T>(int Count, string? Next, string? Previous, IReadOnlyList<T> Results);

    /// <summary>The page that the request asks for.</summary>
    /// <exception cref="Refusal"><c>not_found</c> for one that is not there</exception>
    public static IResult Of<T>(HttpRequest request, IReadOnlyList<T> rows)
    {
        var last = Math.Max(1, (rows.Count + Rows - 1) / Rows);
        var asked = request.Query["page"].ToString();
        var page =
            asked.Length == 0 ? 1
            : asked is "last" ? last
            : int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= last ? number
            : throw PlatformRefusals.NotFound.With();
        return Results.Json(
            new Response<T>(
                rows.Count,
                page < last ? Link(request, page + 1) : null,
                page > 1 ? Link(request, page - 1) : null,
                [.. rows.Skip((page - 1) * Rows).Take(Rows)]
            ),
            Wire.Json
        );
    }

    private static string Link(HttpRequest request, int page)
    {
        var query = request.Query.Where(one => one.Key is not "page").SelectMany(one => one.Value, (one, value) => KeyValuePair.Create(one.Key, value));
        var rest = QueryString.Create(query.Append(KeyValuePair.Create("page", (string?)page.ToString(CultureInfo.InvariantCulture))));
        return $"{request.Scheme}://{request.Host}{request.Path}{rest}";
    }
}
