using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Florin.Payments;
using Florin.Platform;
using Npgsql;

namespace Florin.Biometrics;

/// <summary>A challenge that a call answers, which nobody else can.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Call">The call.</param>
/// <param name="Steps">What was asked for; empty of a single picture.</param>
/// <param name="Accepted">Whether this call's pictures were accepted before, so that a repeat only has to move the money.</param>
internal sealed record ClaimedChallenge(Guid Id, Guid Call, IReadOnlyList<HeadTurn> Steps, bool Accepted);

/// <summary>
/// What tills are told to have payers do. One is 256 random bits, kept hashed; it is for one payment, payer and till, for seconds; one call claims it, with
/// one outcome; and the commit that moves the money uses it up.
/// </summary>
internal sealed class FaceChallenges(Database database, TimeProvider clock)
{
    /// <summary>From the first arrow to the last picture on the server.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(20);

    /// <summary>Those that are of no use any more, and pictures that need not be known again.</summary>
    public static readonly RecurringJob Job = new("biometrics.delete_old_challenges", "0 4/15 * * * ?", TidyAsync);

    private const string Table = "biometrics.challenges";
    private const string SinglePicture = "single";
    private const string OnceOnly = " on conflict (id) do nothing";

    // Between the claim and the commit: the engine works, and the ledger.
    private static readonly TimeSpan MostWork = TimeSpan.FromSeconds(60);

    // Used ones are told apart from unknown ones for so long.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>Makes one.</summary>
    public async Task<(string Challenge, DateTimeOffset ExpiresAt)> IssueAsync(
        PaymentFact payment,
        Guid payer,
        Guid till,
        IReadOnlyList<HeadTurn> steps,
        CancellationToken cancel
    )
    {
        var challenge = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var end = clock.GetUtcNow() + Life;
        var expiresAt = end < payment.ExpiresAt ? end : payment.ExpiresAt;
        await using var insert = Insert(IdOf(challenge), payment, payer, till, HeadTurns.Show(steps), expiresAt);
        await insert.ExecuteNonQueryAsync(cancel);
        return (challenge, expiresAt);
    }

    /// <summary>Takes a challenge for a call. The same call may take it again, until its pictures were refused.</summary>
    /// <exception cref="Refusal"><c>face_challenge_invalid</c>, <c>face_challenge_used</c>, <c>face_challenge_expired</c></exception>
    public async Task<ClaimedChallenge> ClaimAsync(string? challenge, PaymentFact payment, Guid payer, Guid till, Guid call, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (challenge is null)
        {
            // A single picture has none; the call itself stands for it, so that it too is good once.
            await using var insert = Insert(call, payment, payer, till, SinglePicture, now + Life);
            insert.CommandText += OnceOnly;
            await insert.ExecuteNonQueryAsync(cancel);
        }

        var id = challenge is null ? call : IdOf(challenge);
        await using var claim = database.Source.CreateCommand(
            """
            update biometrics.challenges set claimed_by = $5, claimed_at = coalesce(claimed_at, $6)
            where id = $1 and payment_id = $2 and payer = $3 and till = $4 and used_at is null and (outcome is null or outcome = 'accepted')
                and (claimed_by is null and expires_at > $6 or claimed_by = $5 and claimed_at > $7)
            returning steps, outcome
            """
        );
        claim.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        claim.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payment.Id });
        claim.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payer });
        claim.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = till });
        claim.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = call });
        claim.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        claim.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - MostWork).UtcDateTime });
        await using var reader = await claim.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            throw await ExplainAsync(id, payment, payer, till, cancel);
        }

        var steps = reader.GetString(0);
        return new ClaimedChallenge(
            id,
            call,
            string.Equals(steps, SinglePicture, StringComparison.Ordinal) ? [] : HeadTurns.Read(steps),
            !await reader.IsDBNullAsync(1, cancel)
        );
    }

    /// <summary>Notes what became of its pictures, in the transaction that counts the try.</summary>
    /// <exception cref="Refusal"><c>face_challenge_used</c> where another outcome was noted meanwhile</exception>
    public static async Task SettleAsync(NpgsqlConnection connection, ClaimedChallenge challenge, string outcome, CancellationToken cancel)
    {
        await using var settle = new NpgsqlCommand(
            "update biometrics.challenges set outcome = $3 where id = $1 and claimed_by = $2 and (outcome is null or outcome = $3)",
            connection
        );
        settle.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = challenge.Id });
        settle.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = challenge.Call });
        settle.Parameters.Add(new NpgsqlParameter<string> { TypedValue = outcome });
        if (await settle.ExecuteNonQueryAsync(cancel) != 1)
        {
            throw BiometricsRefusals.ChallengeUsed.With();
        }
    }

    /// <summary>The row of the commit that pays: an accepted challenge moves money once.</summary>
    public RowChange Use(ClaimedChallenge challenge)
    {
        var now = clock.GetUtcNow();
        return new RowChange(
            "update biometrics.challenges set used_at = $2 where id = $1 and claimed_by = $3 and outcome = 'accepted' and used_at is null and claimed_at > $4",
            [
                new NpgsqlParameter<Guid> { TypedValue = challenge.Id },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
                new NpgsqlParameter<Guid> { TypedValue = challenge.Call },
                new NpgsqlParameter<DateTime> { TypedValue = (now - MostWork).UtcDateTime },
            ],
            Rows: 1,
            BiometricsRefusals.ChallengeUsed,
            Table,
            challenge.Id
        );
    }

    private NpgsqlCommand Insert(Guid id, PaymentFact payment, Guid payer, Guid till, string steps, DateTimeOffset expiresAt)
    {
        var insert = database.Source.CreateCommand(
            "insert into biometrics.challenges (id, payment_id, payer, till, steps, expires_at) values ($1, $2, $3, $4, $5, $6)"
        );
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payment.Id });
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payer });
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = till });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = steps });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = expiresAt.UtcDateTime });
        return insert;
    }

    private async Task<Refusal> ExplainAsync(Guid id, PaymentFact payment, Guid payer, Guid till, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select payment_id, payer, till, claimed_by is not null from biometrics.challenges where id = $1"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return !await reader.ReadAsync(cancel) || reader.GetGuid(0) != payment.Id || reader.GetGuid(1) != payer || reader.GetGuid(2) != till
                ? BiometricsRefusals.ChallengeInvalid.With()
            : reader.GetBoolean(3) ? BiometricsRefusals.ChallengeUsed.With()
            : BiometricsRefusals.ChallengeExpired.With();
    }

    private static Guid IdOf(string challenge) => new(SHA256.HashData(Encoding.UTF8.GetBytes(challenge)).AsSpan(0, 16), bigEndian: true);

    private static async Task TidyAsync(IServiceProvider services, CancellationToken cancel)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;
        await using var connection = await services.GetRequiredService<Database>().Source.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("delete from biometrics.challenges where expires_at < $1")
                {
                    Parameters = { new NpgsqlParameter<DateTime> { TypedValue = now - Kept } },
                },
                new NpgsqlBatchCommand("delete from biometrics.seen_pictures where expires_at < $1")
                {
                    Parameters = { new NpgsqlParameter<DateTime> { TypedValue = now } },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancel);
    }
}
