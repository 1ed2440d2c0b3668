using System.Collections.Frozen;
using System.Text.Json;

namespace Florin.Platform.Pages;

/// <summary>The files that pages load: built from <c>Assets/</c> into this program, named after their content, kept by browsers for a year.</summary>
public static class PageAssets
{
    private const string Prefix = "Pages/";
    private static readonly FrozenDictionary<string, string> Files = ReadManifest();

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, (byte[] Plain, byte[] Brotli)> Content = Files.Values.ToFrozenDictionary(
        file => file,
        file => (Read(file), Read(file + ".br")),
        StringComparer.Ordinal
    );

    /// <summary>The address of a file of <c>Assets/</c>, such as <c>app.css</c>.</summary>
    public static string Of(string name) => "/assets/" + Files[name];

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/assets/{file}", Get).AllowAnonymous().ExcludeFromDescription();

    private static IResult Get(string file, HttpContext http)
    {
        if (!Content.TryGetValue(file, out var content))
        {
            throw PlatformRefusals.NotFound.With();
        }

        var headers = http.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.Vary = "Accept-Encoding";
        var brotli = http
            .Request.GetTypedHeaders()
            .AcceptEncoding.Any(one => one.Value.Equals("br", StringComparison.OrdinalIgnoreCase) && one.Quality is null or > 0);
        if (brotli)
        {
            headers.ContentEncoding = "br";
        }

        return Results.Bytes(brotli ? content.Brotli : content.Plain, Types[Path.GetExtension(file)]);
    }

    private static FrozenDictionary<string, string> ReadManifest() =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(Read("manifest.json"))!.ToFrozenDictionary(StringComparer.Ordinal);

    private static byte[] Read(string name)
    {
        using var stream = typeof(PageAssets).Assembly.GetManifestResourceStream(Prefix + name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
