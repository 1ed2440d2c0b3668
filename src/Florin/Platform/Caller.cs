using System.Reflection;
using System.Security.Claims;
using Microsoft.Extensions.Validation;

namespace Florin.Platform;

/// <summary>Who makes this request. Ask for it as a handler's parameter; the route's policy decides that there is one.</summary>
/// <param name="Person">The signed-in person, or the owner of the API key.</param>
/// <param name="Session">The session, or the API key's id.</param>
/// <param name="User">All claims: roles, scopes, time of sign-in.</param>
// Not part of the request: its claims point at each other in a circle, in which the validation would run for ever.
#pragma warning disable ASP0029 // experimental in .NET 10, and the only way to say it
[SkipValidation]
#pragma warning restore ASP0029
public sealed record Caller(Guid Person, Guid Session, ClaimsPrincipal User)
{
    /// <summary>Claim types in the access token.</summary>
    public const string PersonClaim = "sub";

    /// <summary>The session's claim.</summary>
    public const string SessionClaim = "sid";

    /// <summary>A role's claim; one per role.</summary>
    public const string RoleClaim = "role";

    /// <summary>A role of staff that the person has and may not use in this session: it was not proven with a second factor.</summary>
    public const string WithheldRoleClaim = "withheld_role";

    /// <summary>When the token ends, seconds since 1970.</summary>
    public const string ExpiresClaim = "exp";

    /// <summary>An API key's scope; one per scope. A person's session has none.</summary>
    public const string ScopeClaim = "scope";

    /// <summary>Whether the caller has the role (one of <see cref="Roles"/>).</summary>
    public bool Is(string role) => User.HasClaim(RoleClaim, role);

    /// <summary>Whether the caller has the role, and needs a second factor before they may use it.</summary>
    public bool Withheld(string role) => User.HasClaim(WithheldRoleClaim, role);

    /// <summary>Whether the caller is any kind of staff.</summary>
    public bool IsStaff => Roles.Staff.Any(Is);

    /// <summary>The caller of a request on a route that demands one.</summary>
    public static Caller Of(HttpContext http) => TryGet(http.User) ?? throw PlatformRefusals.NotSignedIn.With();

    /// <summary>The caller that a principal names, if any.</summary>
    public static Caller? TryGet(ClaimsPrincipal user) =>
        Guid.TryParseExact(user.FindFirst(PersonClaim)?.Value, "N", out var person)
        && Guid.TryParseExact(user.FindFirst(SessionClaim)?.Value, "N", out var session)
            ? new Caller(person, session, user)
            : null;

    /// <summary>Binds a handler's parameter.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        _ = parameter;
        return ValueTask.FromResult<Caller?>(Of(context));
    }
}

/// <summary>The roles of people, as they stand in tokens and tables.</summary>
public static class Roles
{
    /// <summary>Has a wallet.</summary>
    public const string Customer = "customer";

    /// <summary>Owns a shop.</summary>
    public const string Merchant = "merchant";

    /// <summary>Works in a shop, by invitation.</summary>
    public const string Cashier = "cashier";

    /// <summary>Staff: sees, resends.</summary>
    public const string Support = "support";

    /// <summary>Staff: refunds, reconciles, is the second person.</summary>
    public const string Finance = "finance";

    /// <summary>Staff: sees all, changes nothing.</summary>
    public const string Auditor = "auditor";

    /// <summary>Staff: people and settings.</summary>
    public const string Admin = "admin";

    /// <summary>All roles that count as staff.</summary>
    public static readonly IReadOnlyList<string> Staff = [Support, Finance, Auditor, Admin];

    /// <summary>Every role.</summary>
    public static readonly IReadOnlyList<string> All = [Customer, Merchant, Cashier, .. Staff];
}

/// <summary>Names of the authorisation policies that stand on route groups and in <c>endpoints.txt</c>.</summary>
public static class Policies
{
    /// <summary>A signed-in person, by session. API keys do not pass.</summary>
    public const string Person = "person";

    /// <summary>Staff that may look: support, finance, auditor or admin.</summary>
    public const string Staff = "staff";

    /// <summary>Staff that may act for people: support or admin.</summary>
    public const string Support = "support";

    /// <summary>Staff that may move money: finance.</summary>
    public const string Finance = "finance";

    /// <summary>Staff that may change people and settings.</summary>
    public const string Admin = "admin";

    /// <summary>A merchant by session.</summary>
    public const string Merchant = "merchant";

    /// <summary>A signed-in person, or an API key with this scope: <c>Policies.Scope("wallets:read")</c>.</summary>
    public static string Scope(string scope) => "scope:" + scope;
}
