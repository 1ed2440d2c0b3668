using System.Security.Claims;
using System.Text.Encodings.Web;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Florin.Identity;

/// <summary>
/// Reads <c>Authorization: Bearer</c> with an access token or an API key, and nothing else: cookies are for pages, and on the routes of an old system
/// for that system's own.
/// </summary>
internal sealed class BearerSignIn(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    AccessTokens tokens,
    ApiKeys keys,
    Revocations revocations
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "Bearer";

    /// <summary>The authentication type of a principal that an API key stands behind. It has scopes and no roles.</summary>
    public const string ApiKeyType = "api_key";

    private static readonly AuthenticateResult NotValid = AuthenticateResult.Fail("the token is not valid");
    private static readonly AuthenticationProperties Nothing = new();

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var edge = EdgeRoute.Of(Context);
        var header = Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : TokenBeside(edge);
        if (token is null)
        {
            return AuthenticateResult.NoResult();
        }

        if (edge is not null)
        {
            Context.Features.Set(new PageBearer(token)); // what it asks of /v1 is asked by the same person
        }

        if (token.StartsWith(ApiKeys.Start, StringComparison.Ordinal))
        {
            return await keys.FindAsync(token, Context.RequestAborted) is { } holder
                ? AuthenticateResult.Success(new AuthenticationTicket(PrincipalOf(holder), Nothing, Name))
                : NotValid;
        }

        return tokens.Check(token) is { } said && !revocations.Contains(said.Session)
            ? AuthenticateResult.Success(new AuthenticationTicket(said.Principal, Nothing, Name))
            : NotValid;
    }

    private string? TokenBeside(EdgeRoute? edge) =>
        edge is { TakesQuery: true } && Request.Query["token"].ToString() is { Length: > 0 } asked ? asked
        : edge is { TakesCookie: true } && Request.Cookies[EdgeRoute.TokenCookie] is { Length: > 0 } kept ? kept
        : null;

    private static ClaimsPrincipal PrincipalOf(ApiKeyHolder holder)
    {
        var identity = new ClaimsIdentity(ApiKeyType, Caller.PersonClaim, Caller.RoleClaim);
        identity.AddClaim(new Claim(Caller.PersonClaim, holder.Person.ToString("N")));
        identity.AddClaim(new Claim(Caller.SessionClaim, holder.Id.ToString("N")));
        identity.AddClaims(holder.Scopes.Select(scope => new Claim(Caller.ScopeClaim, scope)));
        return new ClaimsPrincipal(identity);
    }
}
