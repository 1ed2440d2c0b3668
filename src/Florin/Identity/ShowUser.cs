using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>What staff see of a person.</summary>
internal static class ShowUser
{
    /// <param name="Id"><c>usr_…</c></param>
    /// <param name="Number">The small integer id of the old clients.</param>
    /// <param name="Username">A login.</param>
    /// <param name="Email">A login.</param>
    /// <param name="Phone">A login.</param>
    /// <param name="FirstName">Empty where not given.</param>
    /// <param name="LastName">Empty where not given.</param>
    /// <param name="Roles">As in <see cref="Platform.Roles"/>.</param>
    /// <param name="IsVerified">Whether staff checked who this is.</param>
    /// <param name="PinLocked">Whether wrong PINs locked it.</param>
    /// <param name="TotpEnabled">Whether sign-in asks for a one-time code.</param>
    /// <param name="LockedUntil">Until when wrong passwords locked sign-in.</param>
    /// <param name="LastSignedInAt">The last sign-in.</param>
    /// <param name="CreatedAt">Made at.</param>
    /// <param name="DeactivatedAt">When staff closed the account.</param>
    /// <param name="DeletedAt">When it was anonymised.</param>
    public sealed record Response(
        string Id,
        long Number,
        string? Username,
        string? Email,
        string? Phone,
        string FirstName,
        string LastName,
        IReadOnlyList<string> Roles,
        bool IsVerified,
        bool PinLocked,
        bool TotpEnabled,
        DateTimeOffset? LockedUntil,
        DateTimeOffset? LastSignedInAt,
        DateTimeOffset CreatedAt,
        DateTimeOffset? DeactivatedAt,
        DateTimeOffset? DeletedAt
    );

    internal static void Map(RouteGroupBuilder users) => users.MapGet("/{id}", HandleAsync);

    internal static Response Show(Person person) =>
        new(
            person.PublicId,
            person.Number,
            person.Username,
            person.Email,
            person.Phone,
            person.FirstName,
            person.LastName,
            person.Roles,
            person.IsVerified,
            person.PinLockedAt is not null,
            person.TotpEnabledAt is not null,
            person.LockedUntil,
            person.LastSignedInAt,
            person.CreatedAt,
            person.DeactivatedAt,
            person.DeletedAt
        );

    internal static async Task<Response> FindAsync(FlorinDb db, Guid id, CancellationToken cancel) =>
        Show(await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancel) ?? throw PlatformRefusals.NotFound.With());

    private static async Task<Response> HandleAsync(string id, HttpContext http, FlorinDb db, ActivityLog activity, CancellationToken cancel)
    {
        var person = Ids.Read(Person.Prefix, id);
        var found = await FindAsync(db, person, cancel);
        db.Add(activity.Entry(http, "identity.looked_up", person)); // whoever is looked at can tell that they were
        await db.SaveChangesAsync(cancel);
        return found;
    }
}
