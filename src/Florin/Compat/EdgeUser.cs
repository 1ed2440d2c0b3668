using System.Text.Json;
using Florin.Identity;

namespace Florin.Compat;

/// <summary>A person as the voucher system showed one (seed 2), which is the most that any of the five did.</summary>
internal sealed record EdgeUser(
    long Id,
    string Username,
    string Email,
    string FirstName,
    string LastName,
    string FullName,
    string PhoneNumber,
    DateOnly? DateOfBirth,
    string? ProfilePicture,
    bool IsVerified,
    string? StudentId,
    string? Institution,
    int? GraduationYear,
    EdgeUser.Extended Profile,
    string CreatedAt,
    string UpdatedAt
)
{
    /// <summary>The second table of the original.</summary>
    public sealed record Extended(string Bio, string Location, string Website, JsonElement NotificationPreferences, JsonElement PrivacySettings);

    /// <summary>Where a person's picture is, for themselves: private, unlike the original's.</summary>
    public const string PicturePath = "/v1/me/picture";

    /// <summary>As the person themselves may see it.</summary>
    public static EdgeUser Of(Person person) =>
        new(
            person.Number,
            person.Username ?? "",
            person.Email ?? "",
            person.FirstName,
            person.LastName,
            $"{person.FirstName} {person.LastName}".Trim(),
            person.Phone ?? person.ContactNumber ?? "",
            person.DateOfBirth,
            person.Picture is null ? null : PicturePath,
            person.IsVerified,
            person.StudentId,
            person.Institution,
            person.GraduationYear,
            new Extended(
                person.Bio ?? "",
                person.Location ?? "",
                person.Website ?? "",
                JsonSerializer.Deserialize<JsonElement>(person.NotificationPreferences),
                JsonSerializer.Deserialize<JsonElement>(person.PrivacySettings)
            ),
            EdgeFormats.Time(person.CreatedAt),
            EdgeFormats.Time(person.UpdatedAt)
        );
}
