using System.Security.Claims;
using System.Text.Encodings.Web;
using Florin.Platform;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Florin.Tests.Fx;

/// <summary>People for the tests of this module. It stands in for signing in until that is there.</summary>
internal static class SignedIn
{
    private const string Header = "X-Test-Person";

    /// <summary>For <see cref="FlorinApp.MoreServices"/>.</summary>
    public static void Add(IServiceCollection services)
    {
        services.TryAddSingleton<Florin.Activity.ActivityLog>();
        services.AddAuthentication(Header).AddScheme<AuthenticationSchemeOptions, Handler>(Header, null);
        services
            .AddAuthorizationBuilder()
            .AddPolicy(Policies.Person, policy => policy.RequireAuthenticatedUser())
            .AddPolicy(Policies.Staff, policy => policy.RequireClaim(Caller.RoleClaim, Roles.Staff))
            .AddPolicy(Policies.Finance, policy => policy.RequireClaim(Caller.RoleClaim, Roles.Finance));
    }

    /// <summary>A client that is signed in as a new person with this role.</summary>
    public static HttpClient As(FlorinApp app, string role = Roles.Customer)
    {
        var http = app.CreateClient();
        http.DefaultRequestHeaders.Add(Header, $"{Guid.NewGuid():N} {role}");
        return http;
    }

    private sealed class Handler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers[Header].ToString().Split(' ') is not [var person, var role])
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var identity = new ClaimsIdentity(
                [new(Caller.PersonClaim, person), new(Caller.SessionClaim, Guid.NewGuid().ToString("N")), new(Caller.RoleClaim, role)],
                Header
            );
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Header)));
        }
    }
}
