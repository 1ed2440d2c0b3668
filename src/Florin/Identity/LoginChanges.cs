using System.Text.Json;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Identity;

/// <summary>What is to be another from now on; null for what stays.</summary>
/// <param name="Username">A login.</param>
/// <param name="Email">A login that is not proven.</param>
/// <param name="ContactNumber">In any format; no login.</param>
public sealed record LoginChange(string? Username, string? Email, string? ContactNumber);

/// <summary>
/// Changes logins of people whom an old client made without proving an address. A proven address is not changed here: that needs a code
/// (<see cref="ChangeContact"/>).
/// </summary>
public sealed class LoginChanges(FlorinDb db, ActivityLog activity, TimeProvider clock)
{
    private const int LongestNumber = 30;

    /// <summary>Changes them.</summary>
    /// <param name="http">The request, for the activity row.</param>
    /// <param name="person">Whose. The caller may act for them.</param>
    /// <param name="change">What is to be another.</param>
    /// <param name="cancel">Stops before it is done.</param>
    /// <returns>The person as they are then.</returns>
    /// <exception cref="Refusal"><c>username_taken</c>, <c>email_taken</c>, <c>invalid_request</c>, <c>claim_first</c>, <c>not_found</c></exception>
    public async Task<Person> ApplyAsync(HttpContext http, Guid person, LoginChange change, CancellationToken cancel)
    {
        var row = await db.People.SingleOrDefaultAsync(one => one.Id == person && one.DeletedAt == null, cancel) ?? throw PlatformRefusals.NotFound.With();
        row.DemandClaimed();
        row.Username = change.Username is null ? row.Username : Logins.Username(change.Username);
        row.ContactNumber = change.ContactNumber is null ? row.ContactNumber : Names.Clean(change.ContactNumber, "mobile_number", LongestNumber, lines: false);
        if (change.Email is not null && !string.Equals(change.Email.Trim(), row.Email, StringComparison.OrdinalIgnoreCase))
        {
            row.Email = row.EmailVerifiedAt is null
                ? Logins.Email(change.Email)
                : throw PlatformRefusals.InvalidRequest.Field("email", "a proven address is changed with a code only: POST /v1/me/contact");
        }

        if (db.Entry(row).State == EntityState.Modified)
        {
            var fields = db.Entry(row).Properties.Where(p => p.IsModified).Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Metadata.Name)).ToList();
            row.UpdatedAt = clock.GetUtcNow();
            db.Add(activity.Entry(http, "identity.profile_changed", person, new { fields }));
            await SaveAsync(cancel);
        }

        return row;
    }

    private async Task SaveAsync(CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException e)
            when (e.InnerException is PostgresException { ConstraintName: { } name } && People.Constraints.TryGetValue(name, out var refusal))
        {
            throw refusal.With();
        }
    }
}
