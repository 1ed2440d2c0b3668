using Florin.Platform.Pages;

namespace Florin.Biometrics.Pages;

/// <summary>What the scripts of the face pages ask for: the routes' own answers, and refusals in the reader's words.</summary>
internal static class FacePages
{
    /// <summary>What a script shows of a refusal.</summary>
    /// <param name="Code">The permanent code.</param>
    /// <param name="Title">What to do, in the reader's language.</param>
    public sealed record Refused(string Code, string Title);

    /// <summary>Passes the body of a page's request on to a route as it is: nothing of it is parsed or kept here.</summary>
    public static async Task<IResult> PassAsync(HttpContext http, PageApi api, PageContext page, string method, string path)
    {
        try
        {
            var key = http.Request.Headers[Platform.Idempotency.Header].ToString();
            var said = await api.SendAsync(
                method,
                path,
                http.Request.Body,
                http.Request.ContentType ?? "application/octet-stream",
                key.Length > 0 ? key : null
            );
            return Results.Bytes(said.Body, said.ContentType);
        }
        catch (PageRefusal refused)
        {
            return Results.Json(new Refused(refused.Code, page.T(refused.Title)), Platform.Wire.Json, statusCode: refused.Status);
        }
    }
}
