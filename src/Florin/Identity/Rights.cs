using System.Security.Claims;
using Florin.Activity;
using Florin.Platform;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Florin.Identity;

/// <summary>What each of <see cref="Policies"/> demands. A route that declares nothing is open to nobody: Platform's fallback (Z1).</summary>
internal sealed class Rights(IOptions<AuthorizationOptions> options) : DefaultAuthorizationPolicyProvider(options)
{
    private const string ScopeStart = "scope:";

    // Policies never change while the program runs, so that a route's may be kept with it.
    public override bool AllowsCachingPolicies => true;

    /// <summary>The policies that have names of their own.</summary>
    public static void Declare(AuthorizationOptions options)
    {
        options.AddPolicy(Policies.Person, policy => policy.RequireAssertion(context => BySession(context.User)));
        options.AddPolicy(Policies.Staff, policy => policy.RequireAssertion(context => Any(context.User, Roles.Staff)));
        options.AddPolicy(Policies.Support, policy => policy.RequireAssertion(context => Any(context.User, [Roles.Support, Roles.Admin])));
        options.AddPolicy(Policies.Finance, policy => policy.RequireAssertion(context => Any(context.User, [Roles.Finance])));
        options.AddPolicy(Policies.Admin, policy => policy.RequireAssertion(context => Any(context.User, [Roles.Admin])));
        options.AddPolicy(Policies.Merchant, policy => policy.RequireAssertion(context => Any(context.User, [Roles.Merchant])));
        options.DefaultPolicy = options.GetPolicy(Policies.Person)!;
    }

    /// <summary>A policy by name; <c>scope:x</c> is made when asked for.</summary>
    public override async Task<AuthorizationPolicy?> GetPolicyAsync(string policyName)
    {
        if (!policyName.StartsWith(ScopeStart, StringComparison.Ordinal))
        {
            return await base.GetPolicyAsync(policyName);
        }

        var scope = policyName[ScopeStart.Length..];
        return new AuthorizationPolicyBuilder().RequireAssertion(context => BySession(context.User) || context.User.HasClaim(Caller.ScopeClaim, scope)).Build();
    }

    // API keys have another authentication type, and so pass no policy but their scopes'.
    private static bool BySession(ClaimsPrincipal user) => user.Identity is { IsAuthenticated: true, AuthenticationType: AccessTokens.SessionType };

    private static bool Any(ClaimsPrincipal user, IEnumerable<string> roles) => BySession(user) && roles.Any(role => user.HasClaim(Caller.RoleClaim, role));
}

/// <summary>Answers 401 and 403 as refusals, and keeps an activity row of every right that was refused.</summary>
internal sealed class RightsAnswers(Database database, ActivityLog activity) : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        // No route: 404, or the framework's own answer for a wrong method or content type. There is nothing to protect.
        if (authorizeResult.Succeeded || context.GetEndpoint() is not RouteEndpoint route)
        {
            await next(context);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        if (authorizeResult.Challenged)
        {
            var tried = context.Request.Headers.Authorization.Count > 0;
            context.Response.Headers.WWWAuthenticate = tried ? "Bearer error=\"invalid_token\"" : "Bearer";
            await PlatformRefusals.NotSignedIn.With().WriteToAsync(context);
            return;
        }

        var entry = activity.Entry(context, "identity.right_refused", details: new { context.Request.Method, Route = route.RoutePattern.RawText });
        await using (var batch = database.Source.CreateBatch())
        {
            batch.BatchCommands.Add(ActivityLog.Row(entry).Command());
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }

        var refused = await IsWithheldAsync(context, policy) ? IdentityRefusals.SecondFactorNeeded : PlatformRefusals.Forbidden;
        await refused.With().WriteToAsync(context);
    }

    // Whether the caller has the right, and lacks the second factor only.
    private static async Task<bool> IsWithheldAsync(HttpContext context, AuthorizationPolicy policy)
    {
        var withheld = context.User.FindAll(Caller.WithheldRoleClaim).Select(role => new Claim(Caller.RoleClaim, role.Value)).ToList();
        if (withheld.Count == 0 || context.User.Identity is not ClaimsIdentity known)
        {
            return false;
        }

        var proven = known.Clone(); // the principal is shared between requests
        proven.AddClaims(withheld);
        var rights = context.RequestServices.GetRequiredService<IAuthorizationService>();
        return (await rights.AuthorizeAsync(new ClaimsPrincipal(proven), context, policy)).Succeeded;
    }
}
