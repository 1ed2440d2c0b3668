using System.Security.Cryptography;
using System.Text;

namespace Florin.Platform;

/// <summary>A page with one style element of its own, which the content security policy names by its hash; it loads and runs nothing.</summary>
/// <param name="html">The whole page. Texts in it are encoded by whoever built it.</param>
/// <param name="style">What stands between its style tags, byte for byte.</param>
/// <param name="formAction">What its forms may be sent to, such as <c>'self'</c>.</param>
public sealed class StyledPage(string html, string style, string formAction = "'none'") : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        var response = httpContext.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'sha256-{hash}'; form-action {formAction}; base-uri 'none'; frame-ancestors 'none'";
        return response.WriteAsync(html, httpContext.RequestAborted);
    }
}
