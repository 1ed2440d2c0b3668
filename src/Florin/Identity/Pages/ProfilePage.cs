using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/account/profile</c>: name, the language of messages, and the picture.</summary>
public static class ProfilePage
{
    /// <summary>What the page shows.</summary>
    /// <param name="FirstName">First name.</param>
    /// <param name="LastName">Last name.</param>
    /// <param name="Locale">In which language messages come.</param>
    /// <param name="HasPicture">Whether there is a picture.</param>
    /// <param name="Saved">Whether something has just been saved.</param>
    /// <param name="Refused">Why the names are shown again.</param>
    /// <param name="PictureRefused">Why the picture was not taken.</param>
    public sealed record Form(
        string FirstName,
        string LastName,
        string? Locale,
        bool HasPicture,
        bool Saved = false,
        PageRefusal? Refused = null,
        PageRefusal? PictureRefused = null
    );

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/profile", async (string? saved, PageApi api) => PageAnswers.Page<Profile>(await ReadAsync(api) with { Saved = saved is not null }));
        pages.MapPost("/profile", ChangeAsync);
        pages.MapGet("/picture", (PageApi api) => api.PassAsync("/v1/me/picture"));
        pages.MapPost("/picture", SetPictureAsync).LimitBody(PictureFiles.MaxBody);
        pages.MapPost("/picture/remove", RemovePictureAsync);
    }

    private static async Task<Form> ReadAsync(PageApi api)
    {
        var me = await api.GetAsync<ShowMe.Response>("/v1/me");
        return new Form(me.FirstName, me.LastName, me.Locale, me.Picture is not null);
    }

    private static async Task<IResult> ChangeAsync(IFormCollection form, PageApi api)
    {
        var change = new
        {
            first_name = form["first_name"].ToString(),
            last_name = form["last_name"].ToString(),
            locale = form["locale"].ToString(),
        };
        try
        {
            await api.SendAsync("PATCH", "/v1/me", change);
            return PageAnswers.Go("/account/profile?saved=1");
        }
        catch (PageRefusal refused)
        {
            var again = await ReadAsync(api) with { FirstName = change.first_name, LastName = change.last_name, Locale = change.locale, Refused = refused };
            return PageAnswers.Page<Profile>(again, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> SetPictureAsync(IFormCollection form, PageApi api)
    {
        try
        {
            if (form.Files is not [{ Length: > 0 } file])
            {
                throw PageRefusal.Of("picture", "Choose a picture first.");
            }

            await using var content = file.OpenReadStream();
            await api.SendAsync("PUT", "/v1/me/picture", content, "application/octet-stream", key: null);
            return PageAnswers.Go("/account/profile?saved=1");
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<Profile>(await ReadAsync(api) with { PictureRefused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> RemovePictureAsync(PageApi api)
    {
        await api.SendAsync("DELETE", "/v1/me/picture");
        return PageAnswers.Go("/account/profile?saved=1");
    }
}
