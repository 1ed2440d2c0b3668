using System.Text.Encodings.Web;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Florin.Identity;

/// <summary>
/// Reads the cookie of pages, which no route of <c>/v1</c> takes (T2), or else the one of the old QR system, whose clients sign in by its route and then
/// open a page.
/// </summary>
internal sealed class PageSignIn(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    PageSessions sessions,
    AccessTokens tokens,
    Revocations revocations
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "Page";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (await sessions.FindAsync(Context) is { } session)
        {
            return Known(session.AccessToken, session.Token);
        }

        return Request.Cookies[EdgeRoute.TokenCookie] is { Length: > 0 } token && tokens.Check(token) is { } said && !revocations.Contains(said.Session)
            ? Known(token, said)
            : AuthenticateResult.NoResult();
    }

    private AuthenticateResult Known(string token, AccessToken said)
    {
        Context.Features.Set(new PageBearer(token));
        return AuthenticateResult.Success(new AuthenticationTicket(said.Principal, Name));
    }
}
