using Florin.Platform;

namespace Florin.Biometrics;

/// <summary><c>GET /v1/face-consents/current</c>: what people agree to before their face is enrolled, word for word.</summary>
internal static class ShowConsentText
{
    /// <param name="Version">Send it with the pictures.</param>
    /// <param name="Texts">By language: <c>en</c>, <c>ru</c>.</param>
    public sealed record Response(string Version, IReadOnlyDictionary<string, string> Texts);

    public static void Map(RouteGroupBuilder v1) => v1.MapGet("/face-consents/current", HandleAsync).AllowAnonymous().WithTags("faces");

    private static async Task<Response> HandleAsync(ConsentTexts consents, CancellationToken cancel)
    {
        var texts = await consents.TextsAsync(cancel);
        return new Response(texts[0].Version, texts.ToDictionary(text => text.Language, text => text.Body, StringComparer.Ordinal));
    }
}
