using Florin.Activity;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>
/// <c>DELETE /v1/me/face</c>: destroys the key of a person's template, and with it the template wherever there is a copy, and withdraws the consent. Answers
/// a receipt. It asks for no proof: to be forgotten must be easier than to be known.
/// </summary>
internal static class DeleteFace
{
    public static void Map(RouteGroupBuilder face) => face.MapDelete("", HandleAsync).Produces<DeletionReceipt>();

    private static async Task<DeletionReceipt> HandleAsync(
        Caller caller,
        HttpContext http,
        People people,
        FaceStore faces,
        SecurityNotices notices,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var person = (await people.FindAsync(caller.Person, cancel))!;
        return await faces.DeleteAsync(
            caller.Person,
            FaceStore.Asked,
            [ActivityLog.Row(activity.Entry(http, "biometrics.face_deleted")), .. notices.Rows(http, person, "face_deleted")],
            cancel
        );
    }
}
