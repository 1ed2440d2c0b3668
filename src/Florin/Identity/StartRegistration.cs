using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>
/// Somebody signs up: a code goes to the e-mail address or phone number, and nobody exists until it comes back. Where the address has an account
/// already, its owner is told so instead of getting a code, and the answer is the same.
/// </summary>
internal static class StartRegistration
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "reg";

    /// <summary>What the code is good for.</summary>
    public const string Purpose = "registration";

    /// <param name="Password">8 to 128 characters.</param>
    /// <param name="Username">1 to 150 letters, digits or <c>@ . + - _</c>.</param>
    /// <param name="Email">Needed where no phone number is given.</param>
    /// <param name="Phone">E.164; needed where no e-mail address is given.</param>
    /// <param name="Channel">How the code is sent: <c>email</c> where there is an address, else <c>sms</c>.</param>
    /// <param name="FirstName">First name.</param>
    /// <param name="LastName">Last name.</param>
    /// <param name="DateOfBirth">Date of birth.</param>
    /// <param name="StudentId">Id at the institution.</param>
    /// <param name="Institution">School or university.</param>
    /// <param name="GraduationYear">Year of graduation.</param>
    /// <param name="Locale">BCP 47 tag of the language for messages.</param>
    public sealed record Request(
        [property: Required, StringLength(1024), Secret] string Password,
        string? Username = null,
        string? Email = null,
        string? Phone = null,
        MessageChannel? Channel = null,
        string? FirstName = null,
        string? LastName = null,
        DateOnly? DateOfBirth = null,
        string? StudentId = null,
        string? Institution = null,
        [property: Range(1900, 2200)] int? GraduationYear = null,
        string? Locale = null
    );

    /// <param name="Id"><c>reg_…</c>, for <c>POST /v1/registrations/{id}/verify</c>.</param>
    /// <param name="Channel">How the code was sent.</param>
    /// <param name="ExpiresAt">The code is not valid from then on.</param>
    /// <param name="SandboxCode">The code itself, in sandbox mode only.</param>
    public sealed record Response(string Id, MessageChannel Channel, DateTimeOffset ExpiresAt, string? SandboxCode);

    internal static void Map(RouteGroupBuilder registrations) =>
        registrations.MapPost("", HandleAsync).Produces<Response>(202).AllowAnonymous().LimitRate(RateLimit.Guessing);

    private static async Task<IResult> HandleAsync(
        Request request,
        HttpContext http,
        People people,
        Passwords passwords,
        Codes codes,
        Secrets secrets,
        Settings settings,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var draft = await ReadAsync(request, passwords, cancel);
        var channel = request.Channel ?? (draft.Email is not null ? MessageChannel.Email : MessageChannel.Sms);
        var to = (channel == MessageChannel.Email ? draft.Email : draft.Phone) ?? throw NoDestination(channel);
        if (draft.Username is not null && await people.FindByLoginAsync(draft.Username, LoginKinds.Username, cancel) is not null)
        {
            throw IdentityRefusals.UsernameTaken.With();
        }

        await codes.RequireQuietAsync(to, cancel);
        var proven = draft with { EmailVerified = channel == MessageChannel.Email, PhoneVerified = channel == MessageChannel.Sms };
        var (code, insert) = codes.New(Purpose, null, channel, to, proven);
        var owner = await people.FindByLoginAsync(to, channel == MessageChannel.Email ? LoginKinds.Email : LoginKinds.Phone, cancel);
        var taken = channel == MessageChannel.Email ? owner?.EmailVerifiedAt is not null : owner?.PhoneVerifiedAt is not null;
        var message = taken
            ? new MessageRequest(channel, to, "already_registered", new Dictionary<string, string>(StringComparer.Ordinal))
            : new MessageRequest(channel, to, "registration_code", new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code.Digits });
        await database.TransactionAsync(
            async connection =>
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.BatchCommands.Add(insert);
                batch.BatchCommands.Add(Outbox.Row(message.Event(secrets, code.Id)).Command());
                batch.BatchCommands.Add(ActivityLog.Row(activity.Entry(http, "identity.registration_started", details: new { channel })).Command());
                return await batch.ExecuteNonQueryAsync(cancel);
            },
            cancel
        );
        return Results.Json(new Response(Ids.Show(Prefix, code.Id), channel, code.ExpiresAt, code.Shown(settings)), statusCode: 202);
    }

    // The password is hashed before it is kept anywhere, and whoever signs up.
    private static async Task<PersonDraft> ReadAsync(Request request, Passwords passwords, CancellationToken cancel)
    {
        var draft = new PersonDraft
        {
            Username = Logins.Username(request.Username),
            Email = Logins.Email(request.Email),
            Phone = Logins.Phone(request.Phone),
            FirstName = Clean(request.FirstName, "first_name", 150) ?? "",
            LastName = Clean(request.LastName, "last_name", 150) ?? "",
            DateOfBirth = request.DateOfBirth,
            StudentId = Clean(request.StudentId, "student_id", 100),
            Institution = Clean(request.Institution, "institution", 200),
            GraduationYear = request.GraduationYear,
            Locale = Clean(request.Locale, "locale", 35),
        };
        if (draft.Email is null && draft.Phone is null)
        {
            throw NoDestination(MessageChannel.Email);
        }

        Passwords.Require("password", request.Password, staff: false, draft.Username, draft.Email, draft.Phone);
        return draft with { PasswordHash = await passwords.HashAsync(request.Password, cancel) };
    }

    private static string? Clean(string? text, string field, int most) => text is null ? null : Names.Clean(text, field, most, lines: false);

    private static Refusal NoDestination(MessageChannel channel) =>
        channel == MessageChannel.Email
            ? PlatformRefusals.InvalidRequest.Field("email", "give an e-mail address, or a phone number, for the code")
            : PlatformRefusals.InvalidRequest.Field("phone", "give a phone number for the code");
}
