using Florin.Identity;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat.VoucherApp;

/// <summary>
/// <c>register/</c>. In a sandbox the account is there at once, as it was; live a code goes to the address, and <c>register/verify/</c>, which is new,
/// answers what <c>register/</c> did: else anybody could sign up with anybody's address.
/// </summary>
internal static class RegisterByEmail
{
    private sealed record Started(string Id, string? SandboxCode);

    private sealed record Tokens(string AccessToken, string RefreshToken, Summary Person);

    private sealed record Summary(string Id);

    private sealed record ToVerify(string Message, string RegistrationId);

    private sealed record Registered(EdgeUser User, string Refresh, string Access, string Message);

    internal static void Map(RouteGroupBuilder account)
    {
        account.MapPost("/register", RegisterAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
        account.MapPost("/register/verify", VerifyAsync).AllowAnonymous().LimitRate(RateLimit.Guessing);
    }

    private static async Task<IResult> RegisterAsync(HttpContext http, EdgeApi api, People people, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (username, email) = (body.Text("username", 150), body.Text("email", 254));
        var (password, confirm) = (body.Text("password", 128, trim: false), body.Text("password_confirm", 128, trim: false));
        var (firstName, lastName, phone) = (body.TextOrNull("first_name", 150), body.TextOrNull("last_name", 150), body.TextOrNull("phone_number", 20));
        if (!string.Equals(password, confirm, StringComparison.Ordinal) && confirm.Length > 0)
        {
            body.Wrong("body", "Passwords don't match.");
        }

        body.Check();
        var started = await StartAsync(
            api,
            new
            {
                username,
                email,
                password,
                firstName,
                lastName,
                channel = "email",
            }
        );
        return started.SandboxCode is { } code
            ? await FinishAsync(http, api, people, started.Id, code, phone, cancel)
            : Results.Json(new ToVerify("Enter the code that was sent to you at register/verify/.", started.Id), Wire.Json, statusCode: 202);
    }

    private static async Task<Started> StartAsync(EdgeApi api, object registration)
    {
        try
        {
            return await api.SendAsync<Started>("POST", "/v1/registrations", registration);
        }
        catch (PageRefusal refusal) when (refusal.Code is "username_taken")
        {
            throw PlatformRefusals.InvalidRequest.Field("username", "A user with that username already exists.");
        }
    }

    private static async Task<IResult> VerifyAsync(HttpContext http, EdgeApi api, People people, CancellationToken cancel)
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var (id, code, phone) = (body.Text("registration_id", 64), body.Text("code", 6), body.TextOrNull("phone_number", 20));
        body.Check();
        return await FinishAsync(http, api, people, Uri.EscapeDataString(id), code, phone, cancel);
    }

    private static async Task<IResult> FinishAsync(
        HttpContext http,
        EdgeApi api,
        People people,
        string id,
        string code,
        string? phone,
        CancellationToken cancel
    )
    {
        var tokens = await VerifiedAsync(api, id, code);
        if (!string.IsNullOrEmpty(phone))
        {
            http.Features.Set(new PageBearer(tokens.AccessToken));
            await api.SendAsync("PATCH", "/v1/me", new { contactNumber = phone }, step: "phone");
        }

        var person = (await people.FindAsync(Ids.Read(Person.Prefix, tokens.Person.Id), cancel))!;
        var registered = new Registered(EdgeUser.Of(person), tokens.RefreshToken, tokens.AccessToken, "User registered successfully");
        return Results.Json(registered, Wire.Json, statusCode: 201);
    }

    private static async Task<Tokens> VerifiedAsync(EdgeApi api, string id, string code)
    {
        try
        {
            return await api.SendAsync<Tokens>("POST", $"/v1/registrations/{id}/verify", new { code }, step: "verify");
        }
        catch (PageRefusal refusal) when (refusal.Code is "email_taken")
        {
            throw PlatformRefusals.InvalidRequest.Field("email", "user with this email already exists.");
        }
    }
}
