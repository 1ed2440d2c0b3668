using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>The code comes back, and the person exists and is signed in. Of many calls at once, one makes them.</summary>
internal static class VerifyRegistration
{
    /// <param name="Code">Six digits of the message.</param>
    public sealed record Request([property: Required, RegularExpression("^[0-9]{6}$", ErrorMessage = "must be six digits"), Secret] string Code);

    internal static void Map(RouteGroupBuilder registrations) =>
        registrations.MapPost("/{id}/verify", HandleAsync).Produces<SessionAnswer>(201).AllowAnonymous().LimitRate(RateLimit.Guessing);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        HttpContext http,
        Codes codes,
        Sessions sessions,
        People people,
        Secrets secrets,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var code = await codes.TryAsync(Ids.Read(StartRegistration.Prefix, id), StartRegistration.Purpose, null, request.Code, cancel);
        var draft = code.Read<PersonDraft>();
        var person = People.Draw(draft, clock.GetUtcNow());
        var entry = activity.Entry(http, "identity.registered", person.Id);
        var welcome = Welcome(draft).Event(secrets, person.Id);
        var tokens = await database.TransactionAsync(
            async connection =>
            {
                await codes.ConsumeAsync(connection, code, cancel);
                await ReleaseUnprovenAsync(connection, draft, cancel);
                await People.InsertAsync(connection, person, entry, cancel);
                await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Outbox.Row(welcome).Command() } };
                await batch.ExecuteNonQueryAsync(cancel);
                return await sessions.StartAsync(connection, http, person.Id, person.Roles, SessionKind.Rotating, null, cancel);
            },
            cancel
        );
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(SessionAnswer.Of(tokens, await people.FindAsync(person.Id, cancel)), statusCode: 201);
    }

    private static MessageRequest Welcome(PersonDraft draft) =>
        new(
            draft.EmailVerified ? MessageChannel.Email : MessageChannel.Sms,
            draft.EmailVerified ? draft.Email! : draft.Phone!,
            "welcome",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = draft.FirstName }
        );

    // An address that another account only claimed goes to the one who proved it, where that account keeps another login.
    private static async Task ReleaseUnprovenAsync(NpgsqlConnection connection, PersonDraft draft, CancellationToken cancel)
    {
        await using var release = new NpgsqlCommand(
            draft.EmailVerified
                ? """
                update identity.people set email = null
                where lower(email) = lower($1) and email_verified_at is null and (username is not null or phone is not null)
                """
                : """
                update identity.people set phone = null
                where phone = $1 and phone_verified_at is null and (username is not null or email is not null)
                """,
            connection
        );
        release.Parameters.Add(new NpgsqlParameter<string> { TypedValue = (draft.EmailVerified ? draft.Email : draft.Phone)! });
        await release.ExecuteNonQueryAsync(cancel);
    }
}
