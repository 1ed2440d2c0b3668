using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Platform;
using Microsoft.AspNetCore.Mvc;

namespace Florin.Biometrics;

/// <summary>
/// <c>DELETE /v1/biometrics/faces/{person}</c>: support destroys a person's template, such as when they ask by telephone or somebody else's face was enrolled.
/// The person is told. Answers a receipt.
/// </summary>
internal static class RemoveFace
{
    /// <param name="Why">1 to 200 characters.</param>
    public sealed record Request([property: StringLength(200, MinimumLength = 1)] string Why);

    public static void Map(RouteGroupBuilder biometrics) =>
        biometrics.MapDelete("/faces/{person}", HandleAsync).RequireAuthorization(Policies.Support).Produces<DeletionReceipt>();

    private static async Task<DeletionReceipt> HandleAsync(
        string person,
        [FromBody] Request request,
        HttpContext http,
        People people,
        FaceStore faces,
        SecurityNotices notices,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var why = Names.Clean(request.Why, "why", 200, lines: false);
        if (why.Length == 0)
        {
            throw PlatformRefusals.InvalidRequest.Field("why", "is needed");
        }

        var owner = await people.FindAsync(Ids.Read(Person.Prefix, person), cancel) ?? throw PlatformRefusals.NotFound.With();
        return await faces.DeleteAsync(
            owner.Id,
            FaceStore.ByStaff,
            [
                ActivityLog.Row(activity.Entry(http, "biometrics.face_removed_by_staff", owner.Id, new { why })),
                .. notices.Rows(http, owner, "face_removed", [("why", why)]),
            ],
            cancel
        );
    }
}
