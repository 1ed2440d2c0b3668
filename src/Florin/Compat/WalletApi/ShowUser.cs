using Florin.Identity;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat.WalletApi;

/// <summary><c>GET /users/</c>: who is signed in, with wallets. <c>PATCH /users/update/</c>: names and picture, as JSON or as a form with a file.</summary>
internal static class ShowUser
{
    private const long MostBytes = PictureFiles.MaxBody;

    private sealed record Response(
        string Email,
        string PhoneNumber,
        IReadOnlyList<UserWallet> Wallets,
        string? ProfileImage,
        string FirstName,
        string LastName
    );

    private sealed record Updated(string Message, string? ProfileImage, string FirstName, string LastName);

    internal static void Map(RouteGroupBuilder users)
    {
        users.MapGet("", ShowAsync).RequireAuthorization(Policies.Person);
        users.MapPatch("/update", UpdateAsync).RequireAuthorization(Policies.Person).LimitBody(MostBytes);
    }

    private static async Task<IResult> ShowAsync(Caller caller, EdgeApi api, People people, CompatIds ids, CancellationToken cancel)
    {
        var person = (await people.FindAsync(caller.Person, cancel))!;
        var wallets = await UserWallet.ListAsync(api, ids, caller.Person, cancel);
        return Results.Json(new Response(person.Email ?? "", person.Phone ?? "", wallets, PictureOf(person), person.FirstName, person.LastName), Wire.Json);
    }

    private static async Task<IResult> UpdateAsync(HttpContext http, Caller caller, EdgeApi api, PageApi raw, People people, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var names = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var field in (string[])["first_name", "last_name"])
        {
            if (body.Has(field))
            {
                names[field] = body.TextOrNull(field, 150);
            }
        }

        var picture = http.Request.HasFormContentType && http.Request.Form.Files.GetFile("profile_image") is not null ? body.File("profile_image") : null;
        body.Check();
        if (picture is not null)
        {
            using var content = new MemoryStream(picture.Content);
            await raw.SendAsync("PUT", "/v1/me/picture", content, "application/octet-stream", key: null);
        }

        if (names.Count > 0)
        {
            await api.SendAsync("PATCH", "/v1/me", names);
        }

        var person = (await people.FindAsync(caller.Person, cancel))!;
        return Results.Json(new Updated("User information updated", PictureOf(person), person.FirstName, person.LastName), Wire.Json);
    }

    private static string? PictureOf(Person person) => person.Picture is null ? null : EdgeUser.PicturePath;
}
