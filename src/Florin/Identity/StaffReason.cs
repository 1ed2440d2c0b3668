using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>What holds for everything that staff do to a person.</summary>
internal static class StaffReason
{
    /// <summary>The longest reason, in characters.</summary>
    public const int Length = 200;

    /// <summary>The shortest.</summary>
    public const int Shortest = 3;

    /// <summary>A reason as it is kept: trimmed, one line.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static string Read(string reason)
    {
        var clean = Names.Clean(reason, "reason", Length, lines: false);
        return clean.Length >= Shortest ? clean : throw PlatformRefusals.InvalidRequest.Field("reason", $"must have {Shortest} to {Length} characters");
    }

    /// <summary>The person whom staff want to do something to. Accounts of staff are for admins.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, <c>forbidden</c></exception>
    public static async Task<Person> DemandAsync(FlorinDb db, Caller caller, string id, CancellationToken cancel)
    {
        var key = Ids.Read(Person.Prefix, id);
        var person =
            await db.People.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key && one.DeletedAt == null, cancel)
            ?? throw PlatformRefusals.NotFound.With();
        return person.IsStaff && !caller.Is(Roles.Admin) ? throw PlatformRefusals.Forbidden.With("Accounts of staff are for admins.") : person;
    }
}
