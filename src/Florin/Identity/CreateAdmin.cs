using Florin.Platform;

namespace Florin.Identity;

/// <summary><c>./florin create-admin</c>: makes a person with the role of admin. The password is typed or piped in, and never an argument, which others could see.</summary>
internal static class CreateAdmin
{
    public static readonly Command Command = new("create-admin", "make a person who is an admin; asks for the password", RunAsync)
    {
        Words = ["USERNAME"],
        Options =
        [
            new("--email", "their address, taken as proven", "ADDRESS"),
            new("--phone", "their number with + and country code, taken as proven", "NUMBER"),
            new("--first-name", "their first name", "NAME"),
            new("--last-name", "their last name", "NAME"),
        ],
        More = "  Reads the password from the terminal, or as the first line of stdin. Somebody who is there already becomes admin by ./florin admin-token.",
    };

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var draft = new PersonDraft
        {
            Username = call.Words[0],
            Email = call.Value("--email"),
            EmailVerified = true,
            Phone = call.Value("--phone"),
            PhoneVerified = true,
            FirstName = call.Value("--first-name") ?? "",
            LastName = call.Value("--last-name") ?? "",
            Roles = [Roles.Admin],
        };
        People.Draw(draft, call.Get<TimeProvider>().GetUtcNow()); // refuses what is malformed before it asks for anything
        var password = TypedSecret.Read("password");
        Passwords.Require("password", password, staff: true, draft.Username, draft.Email, draft.Phone);
        await using var scope = call.Services.CreateAsyncScope();
        var hash = await call.Get<Passwords>().HashAsync(password, cancel);
        var person = await scope.ServiceProvider.GetRequiredService<People>().CreateAsync(draft with { PasswordHash = hash }, cancel);
        call.Print($"{draft.Username} ({person.PublicId}) is an admin.");
        return Commands.Done;
    }
}
