using System.Text.Encodings.Web;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Florin.Identity;

/// <summary>Reads the cookie of pages, and nothing else: no route of <c>/v1</c> takes it (T2).</summary>
internal sealed class PageSignIn(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, PageSessions sessions)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "Page";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (await sessions.FindAsync(Context) is not { } session)
        {
            return AuthenticateResult.NoResult();
        }

        Context.Features.Set(new PageBearer(session.AccessToken));
        return AuthenticateResult.Success(new AuthenticationTicket(session.Token.Principal, Name));
    }
}
