using Florin.Identity;
using Florin.Platform;

namespace Florin.Compat.PaymentFiles;

/// <summary>
/// <c>POST /api/register/</c>, and <c>POST /api/user/</c> for who is signed in: a person who is known by their username. The address is not proven, so that
/// nothing is sent to it and no password reset by it, until they prove it by <c>/v1/me/contact</c>.
/// </summary>
internal static class RegisterUser
{
    private const int LongestNumber = 11;

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/register", HandleAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
        api.MapPost("/user", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> HandleAsync(HttpContext http, People people, Passwords passwords, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var username = body.Text("username", 150);
        var email = body.Text("email", 254);
        var number = body.Text("mobile_number", LongestNumber);
        var password = body.Text("password", 128, trim: false);
        body.Check();
        Passwords.Require("password", password, staff: false, username, email, number);
        var draft = new PersonDraft
        {
            Username = Logins.Username(username),
            Email = Logins.Email(email),
            ContactNumber = Names.Clean(number, "mobile_number", LongestNumber, lines: false),
            PasswordHash = await passwords.HashAsync(password, cancel),
        };
        var person = await UserRefusals.ByFieldAsync(() => people.CreateAsync(draft, cancel));
        return Results.Json(FileUser.Of((await people.FindAsync(person.Id, cancel))!), Wire.Json, statusCode: StatusCodes.Status201Created);
    }
}

/// <summary>Which field a refused login stands in.</summary>
internal static class UserRefusals
{
    /// <summary>Says what is taken by field, as Django REST Framework did.</summary>
    public static async Task<T> ByFieldAsync<T>(Func<Task<T>> change)
    {
        try
        {
            return await change();
        }
        catch (Refusal refusal) when (refusal.Reason == IdentityRefusals.UsernameTaken)
        {
            throw PlatformRefusals.InvalidRequest.Field("username", "A user with that username already exists.");
        }
        catch (Refusal refusal) when (refusal.Reason == IdentityRefusals.EmailTaken)
        {
            throw PlatformRefusals.InvalidRequest.Field("email", "user with this email already exists.");
        }
    }
}
