using System.Text;
using System.Text.Json;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Gateways;

/// <summary><c>GET /v1/gateways/callbacks/{id}</c>: one callback with its body as it came.</summary>
internal static class ShowCallback
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The callback.</summary>
    /// <param name="Callback">As in the list.</param>
    /// <param name="Headers">The headers that were kept.</param>
    /// <param name="Body">The body as it came.</param>
    /// <param name="Encoding"><c>utf-8</c>, or <c>base64</c> where it is no text.</param>
    public sealed record Response(CallbackView Callback, IReadOnlyDictionary<string, string> Headers, string Body, string Encoding);

    internal static void Map(RouteGroupBuilder callbacks) => callbacks.MapGet("/{id}", HandleAsync);

    private static async Task<Response> HandleAsync(string id, FlorinDb db, CallbackInbox inbox, CancellationToken cancel)
    {
        var key = Ids.Read(Callback.Prefix, id);
        var callback = await db.Callbacks.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key, cancel) ?? throw PlatformRefusals.NotFound.With();
        var body = inbox.Open(callback);
        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(callback.Headers)!;
        try
        {
            return new Response(CallbackView.Of(callback), headers, Strict.GetString(body), "utf-8");
        }
        catch (DecoderFallbackException)
        {
            return new Response(CallbackView.Of(callback), headers, Convert.ToBase64String(body), "base64");
        }
    }
}
