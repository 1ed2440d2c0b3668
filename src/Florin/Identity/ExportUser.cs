using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Identity;

/// <summary>
/// <c>POST /v1/users/{id}/export</c>: an admin answers somebody's request for their data (GDPR, article 15) with the file that the person could fetch
/// themselves.
/// </summary>
internal static class ExportUser
{
    /// <param name="Reason">3 to 200 characters; the person may read it in their activity.</param>
    public sealed record Request([property: Required, StringLength(StaffReason.Length, MinimumLength = StaffReason.Shortest)] string Reason);

    internal static void Map(RouteGroupBuilder users) =>
        users.MapPost("/{id}/export", HandleAsync).RequireAuthorization(Policies.Admin).LimitRate(RateLimit.Costly);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        HttpContext http,
        FlorinDb db,
        IEnumerable<IPersonalData> modules,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var person = Ids.Read(Person.Prefix, id);
        if (!await db.People.AnyAsync(one => one.Id == person && one.DeletedAt == null, cancel))
        {
            throw PlatformRefusals.NotFound.With();
        }

        db.Add(activity.Entry(http, "identity.exported_by_staff", person, new { reason = StaffReason.Read(request.Reason) }));
        await db.SaveChangesAsync(cancel);
        return await ExportMe.FileAsync(http, person, modules, clock, cancel);
    }
}
