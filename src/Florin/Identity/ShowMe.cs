using System.Text.Json;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>What a person sees of themselves.</summary>
internal static class ShowMe
{
    /// <param name="Id"><c>usr_…</c></param>
    /// <param name="Username">A login.</param>
    /// <param name="Email">A login.</param>
    /// <param name="EmailVerified">Whether it was proven by a code.</param>
    /// <param name="Phone">A login, E.164.</param>
    /// <param name="PhoneVerified">Whether it was proven by a code.</param>
    /// <param name="ContactNumber">A number in any format; no login.</param>
    /// <param name="FirstName">Empty where not given.</param>
    /// <param name="LastName">Empty where not given.</param>
    /// <param name="DisplayName">What others see.</param>
    /// <param name="Roles">As in <see cref="Platform.Roles"/>.</param>
    /// <param name="DateOfBirth">Date of birth.</param>
    /// <param name="StudentId">Id at the institution.</param>
    /// <param name="Institution">School or university.</param>
    /// <param name="GraduationYear">Four digits.</param>
    /// <param name="Bio">At most 500 characters.</param>
    /// <param name="Location">At most 100 characters.</param>
    /// <param name="Website">An http or https address.</param>
    /// <param name="Address">Postal address.</param>
    /// <param name="NotificationPreferences">The client's own object.</param>
    /// <param name="PrivacySettings">The client's own object.</param>
    /// <param name="Locale">BCP 47 tag.</param>
    /// <param name="Picture">Where the picture is, for its owner only; null where there is none.</param>
    /// <param name="IsVerified">Whether staff checked who this is.</param>
    /// <param name="Claimed">Whether the account is the person's own; false while they have the password that a shop made for them.</param>
    /// <param name="PinSet">Whether there is a PIN.</param>
    /// <param name="PinLocked">Whether wrong PINs locked it.</param>
    /// <param name="TotpEnabled">Whether sign-in asks for a one-time code.</param>
    /// <param name="RecoveryCodesLeft">Recovery codes not used yet.</param>
    /// <param name="LastSignedInAt">The last sign-in.</param>
    /// <param name="CreatedAt">Made at.</param>
    /// <param name="UpdatedAt">Last changed.</param>
    public sealed record Response(
        string Id,
        string? Username,
        string? Email,
        bool EmailVerified,
        string? Phone,
        bool PhoneVerified,
        string? ContactNumber,
        string FirstName,
        string LastName,
        string DisplayName,
        IReadOnlyList<string> Roles,
        DateOnly? DateOfBirth,
        string? StudentId,
        string? Institution,
        int? GraduationYear,
        string? Bio,
        string? Location,
        string? Website,
        string? Address,
        JsonElement NotificationPreferences,
        JsonElement PrivacySettings,
        string? Locale,
        string? Picture,
        bool IsVerified,
        bool Claimed,
        bool PinSet,
        bool PinLocked,
        bool TotpEnabled,
        int RecoveryCodesLeft,
        DateTimeOffset? LastSignedInAt,
        DateTimeOffset CreatedAt,
        DateTimeOffset UpdatedAt
    );

    internal static void Map(RouteGroupBuilder me) => me.MapGet("", HandleAsync);

    internal static Response Show(Person person) =>
        new(
            person.PublicId,
            person.Username,
            person.Email,
            person.EmailVerifiedAt is not null,
            person.Phone,
            person.PhoneVerifiedAt is not null,
            person.ContactNumber,
            person.FirstName,
            person.LastName,
            person.DisplayName,
            person.Roles,
            person.DateOfBirth,
            person.StudentId,
            person.Institution,
            person.GraduationYear,
            person.Bio,
            person.Location,
            person.Website,
            person.Address,
            JsonSerializer.Deserialize<JsonElement>(person.NotificationPreferences),
            JsonSerializer.Deserialize<JsonElement>(person.PrivacySettings),
            person.Locale,
            person.Picture is null ? null : "/v1/me/picture",
            person.IsVerified,
            person.Claimed,
            person.PinHash is not null,
            person.PinLockedAt is not null,
            person.TotpEnabledAt is not null,
            person.RecoveryCodeHashes.Length,
            person.LastSignedInAt,
            person.CreatedAt,
            person.UpdatedAt
        );

    private static async Task<Response> HandleAsync(Caller caller, FlorinDb db, CancellationToken cancel) =>
        Show(await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel));
}
