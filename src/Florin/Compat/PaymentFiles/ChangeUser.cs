using Florin.Identity;
using Florin.Platform;

namespace Florin.Compat.PaymentFiles;

/// <summary>
/// <c>PUT</c>, <c>PATCH</c> and <c>DELETE /api/user/{id}/</c>: one's own record, and for an admin anybody's. A password is not changed here: that needs the
/// present one and a code; the one that is in force may stand in the body, as old clients send it.
/// </summary>
internal static class ChangeUser
{
    private const int LongestNumber = 11;

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapMethods("/user/{id}", ["PUT", "PATCH"], ChangeAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing);
        api.MapDelete("/user/{id}", DeleteAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> ChangeAsync(
        string id,
        Caller caller,
        HttpContext http,
        People people,
        Passwords passwords,
        LoginChanges changes,
        CancellationToken cancel
    )
    {
        var person = await FindAsync(id, caller, people, cancel);
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var whole = HttpMethods.IsPut(http.Request.Method);
        var username = whole || body.Has("username") ? body.Text("username", 150) : null;
        var email = whole || body.Has("email") ? body.Text("email", 254) : null;
        var number = whole || body.Has("mobile_number") ? body.Text("mobile_number", LongestNumber) : null;
        var password = body.TextOrNull("password", 128, trim: false);
        if (password is not null && (person.Id != caller.Person || await passwords.CompareAsync(person.PasswordHash, password, cancel) == PasswordMatch.Wrong))
        {
            body.Wrong("password", "It is changed at /account/password, with the present one and a code.");
        }

        body.Check();
        var changed = await UserRefusals.ByFieldAsync(() => changes.ApplyAsync(http, person.Id, new LoginChange(username, email, number), cancel));
        return Results.Json(FileUser.Of(changed), Wire.Json);
    }

    private static async Task<IResult> DeleteAsync(string id, Caller caller, HttpContext http, EdgeApi api, People people, CancellationToken cancel)
    {
        var person = await FindAsync(id, caller, people, cancel);
        if (person.Id != caller.Person)
        {
            await api.SendAsync("DELETE", "/v1/users/" + person.PublicId);
            return Results.NoContent();
        }

        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var password = body.TextOrNull("password", 128, trim: false);
        body.Check();
        await api.SendAsync("DELETE", "/v1/me", new { password = password ?? throw CredentialRefusals.PasswordRequired.With() });
        return Results.NoContent();
    }

    // Another's is there for staff, and changed by admins only.
    private static async Task<Person> FindAsync(string id, Caller caller, People people, CancellationToken cancel)
    {
        var person = await ShowUsers.FindAsync(EdgeFormats.Id(id), caller, people, cancel);
        return person.Id == caller.Person || caller.Is(Roles.Admin) ? person : throw PlatformRefusals.Forbidden.With();
    }
}
