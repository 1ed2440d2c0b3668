using Florin.Activity;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>An admin ends somebody's account, as the person could. Their own they end as everybody does.</summary>
internal static class DeleteUser
{
    internal static void Map(RouteGroupBuilder users) => users.MapDelete("/{id}", HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);

    private static async Task<IResult> HandleAsync(
        string id,
        string? reason,
        Caller caller,
        HttpContext http,
        PersonErasure erasure,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var person = Ids.Read(Person.Prefix, id);
        if (person == caller.Person)
        {
            throw CredentialRefusals.OwnRoles.With();
        }

        await erasure.EraseAsync(
            person,
            activity.Entry(http, "identity.user_deleted", person, reason is null ? null : new { reason = StaffReason.Read(reason) }),
            cancel
        );
        return Results.NoContent();
    }
}
