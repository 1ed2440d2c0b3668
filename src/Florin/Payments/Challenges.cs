using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Florin.Ledger;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Payments;

/// <summary>
/// What payers were shown before they pay. A challenge is 256 random bits, kept hashed, and is used up by the commit that pays, where it is for this payment,
/// payer and wallet, not used, not too old, and the payer was told of at least what is taken.
/// </summary>
internal sealed class Challenges(Database database, TimeProvider clock)
{
    /// <summary>How long one is good for.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    /// <summary>Every quarter of an hour, those that are of no use any more are forgotten.</summary>
    public static readonly RecurringJob Job = new("payments.delete_old_challenges", "0 7/15 * * * ?", TidyAsync);

    // Used ones are told apart from unknown ones for so long.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    private static readonly GuardShape<ChallengeUse> Used = new(
        "update payments.challenges c set used_at = v.at from unnest($1, $2, $3, $4, $5, $6) v(id, payment, payer, wallet, taken, at) where c.id = v.id "
            + "and c.payment_id = v.payment and c.payer = v.payer and c.wallet = v.wallet and c.taken >= v.taken and c.used_at is null and c.expires_at > v.at "
            + "returning c.id",
        "payments.challenges",
        PaymentsRefusals.ChallengeInvalid,
        Column.Of((ChallengeUse u) => u.Id, NpgsqlDbType.Uuid),
        Column.Of((ChallengeUse u) => u.Payment, NpgsqlDbType.Uuid),
        Column.Of((ChallengeUse u) => u.Payer, NpgsqlDbType.Uuid),
        Column.Of((ChallengeUse u) => u.Wallet, NpgsqlDbType.Text),
        Column.Of((ChallengeUse u) => u.Taken, NpgsqlDbType.Bigint),
        Column.Of((ChallengeUse u) => u.At, NpgsqlDbType.TimestampTz)
    );

    /// <summary>Makes one for what a method would collect.</summary>
    public async Task<(string Challenge, DateTimeOffset ExpiresAt)> IssueAsync(PaymentFact payment, Collection collected, CancellationToken cancel)
    {
        var challenge = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var end = clock.GetUtcNow() + Life;
        var expiresAt = end < payment.ExpiresAt ? end : payment.ExpiresAt;
        await using var command = database.Source.CreateCommand(
            "insert into payments.challenges (id, payment_id, payer, wallet, taken, expires_at) values ($1, $2, $3, $4, $5, $6)"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = IdOf(challenge) });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payment.Id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = collected.Payer!.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = collected.Wallet! });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = collected.Taken.Minor });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = expiresAt.UtcDateTime });
        await command.ExecuteNonQueryAsync(cancel);
        return (challenge, expiresAt);
    }

    /// <summary>What the commit that pays needs so that the challenge is used exactly once.</summary>
    public RowChange Use(string challenge, PaymentFact payment, Collection collected)
    {
        var use = new ChallengeUse(
            IdOf(challenge),
            payment.Id,
            collected.Payer ?? Guid.Empty,
            collected.Wallet ?? "",
            collected.Taken.Minor,
            clock.GetUtcNow().UtcDateTime
        );
        return Used.Row(use.Id, use);
    }

    /// <summary>Says why a challenge was not taken; nothing where it is not to blame.</summary>
    /// <exception cref="Refusal"><c>challenge_invalid</c>, <c>challenge_used</c>, <c>challenge_expired</c>, <c>challenge_differs</c></exception>
    public async Task ExplainAsync(string challenge, PaymentFact payment, Collection collected, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select payment_id, payer, wallet, taken, expires_at, used_at is not null from payments.challenges where id = $1"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = IdOf(challenge) });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel) || reader.GetGuid(0) != payment.Id || reader.GetGuid(1) != collected.Payer)
        {
            throw PaymentsRefusals.ChallengeInvalid.With();
        }

        if (reader.GetBoolean(5))
        {
            throw PaymentsRefusals.ChallengeUsed.With();
        }

        if (reader.GetFieldValue<DateTimeOffset>(4) <= clock.GetUtcNow())
        {
            throw PaymentsRefusals.ChallengeExpired.With();
        }

        if (!string.Equals(reader.GetString(2), collected.Wallet, StringComparison.Ordinal) || reader.GetInt64(3) < collected.Taken.Minor)
        {
            throw PaymentsRefusals.ChallengeDiffers.With();
        }
    }

    private static Guid IdOf(string challenge) => new(SHA256.HashData(Encoding.UTF8.GetBytes(challenge)).AsSpan(0, 16), bigEndian: true);

    private static async Task TidyAsync(IServiceProvider services, CancellationToken cancel)
    {
        await using var command = services.GetRequiredService<Database>().Source.CreateCommand("delete from payments.challenges where expires_at < $1");
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (services.GetRequiredService<TimeProvider>().GetUtcNow() - Kept).UtcDateTime });
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>A challenge on its way into the commit that uses it.</summary>
internal readonly record struct ChallengeUse(Guid Id, Guid Payment, Guid Payer, string Wallet, long Taken, DateTime At);
