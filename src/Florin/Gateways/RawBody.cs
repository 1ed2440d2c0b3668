namespace Florin.Gateways;

/// <summary>Reads bodies as they come: a signature is over the bytes.</summary>
internal static class RawBody
{
    /// <summary>All of it; the route's own limit refuses a longer one.</summary>
    public static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        using var all = new MemoryStream();
        await request.Body.CopyToAsync(all, cancel);
        return all.ToArray();
    }

    /// <summary>The headers of these names that are there, shortened.</summary>
    public static IReadOnlyDictionary<string, string> Headers(HttpRequest request, params ReadOnlySpan<string> names)
    {
        const int longest = 1000;
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (request.Headers.TryGetValue(name, out var values))
            {
                var text = values.ToString();
                kept[name] = text.Length <= longest ? text : text[..longest];
            }
        }

        return kept;
    }
}
