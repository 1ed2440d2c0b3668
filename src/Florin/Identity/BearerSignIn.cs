using System.Security.Claims;
using System.Text.Encodings.Web;
using Florin.Platform;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Florin.Identity;

/// <summary>Reads <c>Authorization: Bearer</c> with an access token or an API key, and nothing else: cookies are for pages.</summary>
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
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        var token = header["Bearer ".Length..].Trim();
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

    private static ClaimsPrincipal PrincipalOf(ApiKeyHolder holder)
    {
        var identity = new ClaimsIdentity(ApiKeyType, Caller.PersonClaim, Caller.RoleClaim);
        identity.AddClaim(new Claim(Caller.PersonClaim, holder.Person.ToString("N")));
        identity.AddClaim(new Claim(Caller.SessionClaim, holder.Id.ToString("N")));
        identity.AddClaims(holder.Scopes.Select(scope => new Claim(Caller.ScopeClaim, scope)));
        return new ClaimsPrincipal(identity);
    }
}
