using System.Buffers.Text;
using System.Security.Cryptography;
using Florin.Platform;
using Npgsql;

namespace Florin.Notifications;

/// <summary>Whose events a stream may show, and until when.</summary>
/// <param name="Person">The person.</param>
/// <param name="Session">Their session; with its end the stream ends.</param>
/// <param name="ExpiresAt">When their access token ends.</param>
internal sealed record Listener(Guid Person, Guid Session, DateTimeOffset ExpiresAt);

/// <summary>
/// Tickets that stand for a sign-in where a browser can send no header: 256 random bits, kept hashed, used once, on any server, within 30 seconds.
/// </summary>
internal sealed class EventTickets(Database database, TimeProvider clock)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    internal async Task<(string Ticket, DateTimeOffset ExpiresAt)> IssueAsync(Listener listener, CancellationToken cancel)
    {
        var ticket = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var expiresAt = clock.GetUtcNow() + Life;
        await using var command = database.Source.CreateCommand(
            "insert into notifications.event_tickets (hash, person, session, session_expires_at, expires_at) values ($1, $2, $3, $4, $5)"
        );
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Hash(ticket) });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = listener.Person });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = listener.Session });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = listener.ExpiresAt });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = expiresAt });
        await command.ExecuteNonQueryAsync(cancel);
        return (ticket, expiresAt);
    }

    /// <summary>Uses the ticket up.</summary>
    /// <exception cref="Refusal"><c>not_signed_in</c> where it is unknown, used or too old</exception>
    internal async Task<Listener> UseAsync(string ticket, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "delete from notifications.event_tickets where hash = $1 returning person, session, session_expires_at, expires_at"
        );
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Hash(ticket) });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) && reader.GetFieldValue<DateTimeOffset>(3) > clock.GetUtcNow()
            ? new Listener(reader.GetGuid(0), reader.GetGuid(1), reader.GetFieldValue<DateTimeOffset>(2))
            : throw PlatformRefusals.NotSignedIn.With("The ticket is unknown, used or too old.");
    }

    /// <summary>Forgets those that nobody used.</summary>
    internal async Task TidyAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("delete from notifications.event_tickets where expires_at < $1");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static byte[] Hash(string ticket) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(ticket));
}
