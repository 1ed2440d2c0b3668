using Florin.Identity;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>GET</c> and <c>PUT</c> (and <c>PATCH</c>) of <c>profile/</c>, which the README promises and the original never routed. E-mail address and username
/// stay: they change by a code (<c>/v1/me</c>). What is left out stays too.
/// </summary>
internal static class ShowProfile
{
    private static readonly string[] Methods = ["PUT", "PATCH"];

    private static readonly (string Old, string Ours)[] Fields =
    [
        ("first_name", "first_name"),
        ("last_name", "last_name"),
        ("phone_number", "contact_number"),
        ("address", "address"),
        ("date_of_birth", "date_of_birth"),
        ("student_id", "student_id"),
        ("institution", "institution"),
        ("graduation_year", "graduation_year"),
        ("bio", "bio"),
        ("location", "location"),
        ("website", "website"),
        ("notification_preferences", "notification_preferences"),
        ("privacy_settings", "privacy_settings"),
    ];

    internal static void Map(RouteGroupBuilder account)
    {
        account.MapGet("/profile", ShowAsync).RequireAuthorization(Policies.Person);
        account.MapMethods("/profile", Methods, ChangeAsync).RequireAuthorization(Policies.Person).LimitBody(PictureFiles.MaxBody);
    }

    private static async Task<IResult> ShowAsync(Caller caller, People people, CancellationToken cancel) =>
        Results.Json(EdgeUser.Of((await people.FindAsync(caller.Person, cancel))!), Wire.Json);

    private static async Task<IResult> ChangeAsync(HttpContext http, Caller caller, EdgeApi api, PageApi raw, People people, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var changes = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (old, ours) in Fields)
        {
            if (body.Json(old) is { } value)
            {
                changes[ours] = value;
            }
        }

        if (changes.TryGetValue("graduation_year", out _) && http.Request.HasFormContentType)
        {
            changes["graduation_year"] = body.Integer("graduation_year"); // a form has texts only
        }

        var picture = http.Request.HasFormContentType && http.Request.Form.Files.GetFile("profile_picture") is not null ? body.File("profile_picture") : null;
        body.Check();
        if (changes.Count > 0)
        {
            await WalletApi.WalletApiRoutes.NamedAsync(
                async () =>
                {
                    await api.SendAsync("PATCH", "/v1/me", changes);
                    return true;
                },
                ("contact_number", "phone_number")
            );
        }

        if (picture is not null)
        {
            using var content = new MemoryStream(picture.Content);
            await raw.SendAsync("PUT", "/v1/me/picture", content, "application/octet-stream", key: null);
        }

        return await ShowAsync(caller, people, cancel);
    }
}
