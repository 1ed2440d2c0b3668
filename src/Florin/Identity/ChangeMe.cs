using System.Text.Json;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>
/// A person changes their profile: what is left out stays, null clears. E-mail and phone need a code (<see cref="ChangeContact"/>);
/// username, roles and verification are not the person's to set.
/// </summary>
internal static class ChangeMe
{
    public sealed record Request
    {
        /// <summary>At most 150 characters.</summary>
        public Optional<string> FirstName { get; init; }

        /// <summary>At most 150 characters.</summary>
        public Optional<string> LastName { get; init; }

        /// <summary>At most 30 characters in any format; no login.</summary>
        public Optional<string> ContactNumber { get; init; }

        /// <summary>In the past, from 1900.</summary>
        public Optional<DateOnly?> DateOfBirth { get; init; }

        /// <summary>At most 50 characters.</summary>
        public Optional<string> StudentId { get; init; }

        /// <summary>At most 200 characters.</summary>
        public Optional<string> Institution { get; init; }

        /// <summary>1900 to 2200.</summary>
        public Optional<int?> GraduationYear { get; init; }

        /// <summary>At most 500 characters.</summary>
        public Optional<string> Bio { get; init; }

        /// <summary>At most 100 characters.</summary>
        public Optional<string> Location { get; init; }

        /// <summary>An http or https address of at most 200 characters.</summary>
        public Optional<string> Website { get; init; }

        /// <summary>At most 300 characters.</summary>
        public Optional<string> Address { get; init; }

        /// <summary>An object of at most 4 kB.</summary>
        public Optional<JsonElement> NotificationPreferences { get; init; }

        /// <summary>An object of at most 4 kB.</summary>
        public Optional<JsonElement> PrivacySettings { get; init; }

        /// <summary>A BCP 47 tag such as <c>en</c> or <c>kk-KZ</c>.</summary>
        public Optional<string> Locale { get; init; }
    }

    internal static void Map(RouteGroupBuilder me) => me.MapPatch("", HandleAsync);

    private static async Task<ShowMe.Response> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        FlorinDb db,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var now = clock.GetUtcNow();
        var person = await db.People.SingleAsync(p => p.Id == caller.Person, cancel);
        Apply(request, person, DateOnly.FromDateTime(now.UtcDateTime));
        if (db.Entry(person).State == EntityState.Modified)
        {
            var fields = db.Entry(person)
                .Properties.Where(p => p.IsModified)
                .Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Metadata.Name))
                .ToList();
            person.UpdatedAt = now;
            db.Add(activity.Entry(http, "identity.profile_changed", details: new { fields }));
            await db.SaveChangesAsync(cancel);
        }

        return ShowMe.Show(person);
    }

    private static void Apply(Request request, Person person, DateOnly today)
    {
        person.FirstName = Names.Read(request.FirstName, person.FirstName, "first_name");
        person.LastName = Names.Read(request.LastName, person.LastName, "last_name");
        person.ContactNumber = Text(request.ContactNumber, person.ContactNumber, "contact_number", 30);
        person.StudentId = Text(request.StudentId, person.StudentId, "student_id", 50);
        person.Institution = Text(request.Institution, person.Institution, "institution", 200);
        person.Bio = Text(request.Bio, person.Bio, "bio", 500);
        person.Location = Text(request.Location, person.Location, "location", 100);
        person.Address = Text(request.Address, person.Address, "address", 300);
        person.DateOfBirth = Within(request.DateOfBirth, person.DateOfBirth, "date_of_birth", new DateOnly(1900, 1, 1), today);
        person.GraduationYear = Within(request.GraduationYear, person.GraduationYear, "graduation_year", 1900, 2200);
        person.Website = Website(request.Website, person.Website);
        person.Locale = Locale(request.Locale, person.Locale);
        person.NotificationPreferences = Object(request.NotificationPreferences, person.NotificationPreferences, "notification_preferences");
        person.PrivacySettings = Object(request.PrivacySettings, person.PrivacySettings, "privacy_settings");
    }

    // Blank text is none.
    private static string? Text(Optional<string> given, string? present, string field, int most) =>
        !given.Given ? present
        : string.IsNullOrWhiteSpace(given.Value) ? null
        : Names.Clean(given.Value, field, most, lines: field is "bio" or "address");

    private static T? Within<T>(Optional<T?> given, T? present, string field, T least, T most)
        where T : struct, IComparable<T> =>
        given is { Given: true, Value: { } value } && (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            ? throw PlatformRefusals.InvalidRequest.Field(field, $"must be from {least} to {most}")
            : given.Or(present);

    private static string? Website(Optional<string> given, string? present)
    {
        var text = Text(given, present, "website", 200);
        return !given.Given || text is null || (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            ? text
            : throw PlatformRefusals.InvalidRequest.Field("website", "must be an http or https address");
    }

    private static string? Locale(Optional<string> given, string? present)
    {
        var text = Text(given, present, "locale", 35);
        return !given.Given || text is null || text.Split('-').All(part => part.Length is >= 1 and <= 8 && part.All(char.IsAsciiLetterOrDigit))
            ? text
            : throw PlatformRefusals.InvalidRequest.Field("locale", "must be a BCP 47 tag such as en or kk-KZ");
    }

    private static string Object(Optional<JsonElement> given, string present, string field)
    {
        if (!given.Given)
        {
            return present;
        }

        if (given.Value.ValueKind is JsonValueKind.Undefined)
        {
            return "{}";
        }

        var text = given.Value.GetRawText();
        return given.Value.ValueKind == JsonValueKind.Object && text.Length <= 4096 && !text.Contains("\\u0000", StringComparison.Ordinal)
            ? text
            : throw PlatformRefusals.InvalidRequest.Field(field, "must be an object of at most 4096 characters");
    }
}
