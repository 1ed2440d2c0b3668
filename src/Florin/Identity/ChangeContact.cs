using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>
/// A person changes the e-mail address or phone number: the new one gets a code and counts once the code came back; the former one is told.
/// Whether the new one belongs to somebody is said only then. An account that is not claimed takes its first one only: it cannot be claimed without.
/// </summary>
internal static class ChangeContact
{
    private const string Purpose = "contact";

    /// <param name="Email">The new address, or</param>
    /// <param name="Phone">the new number, E.164.</param>
    /// <param name="Password">Needed where the sign-in is older than ten minutes.</param>
    public sealed record Request(string? Email = null, string? Phone = null, [property: Secret] string? Password = null);

    /// <param name="Id">Give it to <c>/verify</c>.</param>
    /// <param name="Channel">How the code was sent.</param>
    /// <param name="ExpiresAt">Not valid from then on.</param>
    /// <param name="SandboxCode">The code itself, in sandbox mode only.</param>
    public sealed record Response(string Id, MessageChannel Channel, DateTimeOffset ExpiresAt, string? SandboxCode);

    /// <param name="Id">As <c>/v1/me/contact</c> gave it.</param>
    /// <param name="Code">Six digits of the message.</param>
    public sealed record VerifyRequest(
        [property: Required] string Id,
        [property: Required, RegularExpression("^[0-9]{6}$", ErrorMessage = "must be six digits"), Secret] string Code
    );

    private sealed record Change(MessageChannel Channel, string To);

    internal static void Map(RouteGroupBuilder me)
    {
        me.MapPost("/contact", StartAsync).LimitRate(RateLimit.Guessing);
        me.MapPost("/contact/verify", VerifyAsync).LimitRate(RateLimit.Guessing);
    }

    private static async Task<Response> StartAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Proofs proofs,
        FlorinDb db,
        CodeMessages messages,
        Settings settings,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var change = (Logins.Email(request.Email), Logins.Phone(request.Phone)) switch
        {
            ({ } email, null) => new Change(MessageChannel.Email, email),
            (null, { } phone) => new Change(MessageChannel.Sms, phone),
            _ => throw PlatformRefusals.InvalidRequest.Field("email", "give either email or phone"),
        };
        await proofs.RequireFreshOrPasswordAsync(http, caller, request.Password, cancel);
        var person = await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel);
        if (person.Email is not null || person.Phone is not null)
        {
            person.DemandClaimed();
        }

        var entry = activity.Entry(http, "identity.contact_change_started", details: new { change.Channel });
        var code = await messages.SendAsync(Purpose, caller.Person, change.Channel, change.To, change, entry, cancel);
        return new Response(Ids.Show(CodeMessages.IdPrefix, code.Id), change.Channel, code.ExpiresAt, code.Shown(settings));
    }

    private static async Task<ShowMe.Response> VerifyAsync(
        VerifyRequest request,
        Caller caller,
        HttpContext http,
        Codes codes,
        Secrets secrets,
        Database database,
        FlorinDb db,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var code = await codes.TryAsync(Ids.Read(CodeMessages.IdPrefix, request.Id), Purpose, caller.Person, request.Code, cancel);
        var change = code.Read<Change>();
        var entry = activity.Entry(http, "identity.contact_changed", details: new { change.Channel });
        await database.TransactionAsync(
            async connection =>
            {
                await codes.ConsumeAsync(connection, code, cancel);
                var former = await SetAsync(connection, caller.Person, change, clock.GetUtcNow(), cancel);
                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                if (former.Length > 0)
                {
                    var told = new MessageRequest(change.Channel, former, "contact_changed", new Dictionary<string, string>(StringComparer.Ordinal));
                    await connection.InsertAsync(cancel, Outbox.Row(told.Event(secrets, caller.Person)));
                }

                return 0;
            },
            cancel
        );
        return ShowMe.Show(await db.People.AsNoTracking().SingleAsync(p => p.Id == caller.Person, cancel));
    }

    // Gives the former address or number, empty where there was none.
    private static async Task<string> SetAsync(NpgsqlConnection connection, Guid person, Change change, DateTimeOffset now, CancellationToken cancel)
    {
        await using var set = new NpgsqlCommand(
            change.Channel == MessageChannel.Email
                ? """
                with former as (
                    select id, email from identity.people where id = $1 and deleted_at is null
                        and (created_by_shop is null or claimed_at is not null or (email is null and phone is null)) for update
                )
                update identity.people p set email = $2, email_verified_at = $3, updated_at = $3 from former where p.id = former.id
                returning coalesce(former.email, '')
                """
                : """
                with former as (
                    select id, phone from identity.people where id = $1 and deleted_at is null
                        and (created_by_shop is null or claimed_at is not null or (email is null and phone is null)) for update
                )
                update identity.people p set phone = $2, phone_verified_at = $3, updated_at = $3 from former where p.id = former.id
                returning coalesce(former.phone, '')
                """,
            connection
        );
        set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        set.Parameters.Add(new NpgsqlParameter<string> { TypedValue = change.To });
        set.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        try
        {
            return await set.ExecuteScalarAsync(cancel) as string ?? throw CredentialRefusals.ClaimFirst.With();
        }
        catch (PostgresException e) when (e.ConstraintName is "people_email" or "people_phone")
        {
            throw change.Channel == MessageChannel.Email ? IdentityRefusals.EmailTaken.With() : IdentityRefusals.PhoneTaken.With();
        }
    }
}
