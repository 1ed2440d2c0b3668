using Florin.Platform;

namespace Florin.Identity;

/// <summary>What a client gets when it signs in, signs up or refreshes.</summary>
/// <param name="AccessToken">A JWT for <c>Authorization: Bearer</c>.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds that the access token is valid.</param>
/// <param name="RefreshToken">For <c>POST /v1/sessions/refresh</c>.</param>
/// <param name="RefreshExpiresAt">The refresh token is not valid from then on.</param>
/// <param name="SessionId"><c>ses_…</c></param>
/// <param name="Person">Who signed in; not given when refreshing.</param>
public sealed record SessionAnswer(
    string AccessToken,
    string TokenType,
    int ExpiresIn,
    string RefreshToken,
    DateTimeOffset RefreshExpiresAt,
    string SessionId,
    PersonSummary? Person
)
{
    internal static SessionAnswer Of(SessionTokens tokens, Person? person) =>
        new(
            tokens.AccessToken,
            "Bearer",
            tokens.ExpiresIn,
            tokens.RefreshToken,
            tokens.RefreshExpiresAt,
            Ids.Show(Sessions.Prefix, tokens.Session),
            person is null ? null : PersonSummary.Of(person)
        );
}

/// <summary>A person in the answer of a sign-in; <c>GET /v1/me</c> has all.</summary>
/// <param name="Id"><c>usr_…</c></param>
/// <param name="Username">A login.</param>
/// <param name="Email">A login.</param>
/// <param name="Phone">A login, E.164.</param>
/// <param name="FirstName">Empty where not given.</param>
/// <param name="LastName">Empty where not given.</param>
/// <param name="Roles">Some of customer, merchant, cashier, support, finance, auditor, admin.</param>
public sealed record PersonSummary(string Id, string? Username, string? Email, string? Phone, string FirstName, string LastName, IReadOnlyList<string> Roles)
{
    internal static PersonSummary Of(Person person) =>
        new(person.PublicId, person.Username, person.Email, person.Phone, person.FirstName, person.LastName, person.Roles);
}
