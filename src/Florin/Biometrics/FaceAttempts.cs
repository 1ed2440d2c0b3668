using Florin.Activity;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Biometrics;

/// <summary>One comparison of a face, for the record: numbers and reasons.</summary>
internal sealed class FaceAttempt
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "fat";

    /// <summary>The outcome of a face that was accepted.</summary>
    public const string Accepted = "accepted";

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Ids.New();

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Whose template; null when the account was deleted.</summary>
    public Guid? PersonId { get; init; }

    /// <summary>Who was at the till; null where the person compared their own.</summary>
    public Guid? Till { get; init; }

    /// <summary>The payee.</summary>
    public Guid? ShopId { get; init; }

    /// <summary>What was to be paid.</summary>
    public Guid? PaymentId { get; init; }

    /// <summary><c>accepted</c>, or the code of the refusal.</summary>
    public required string Outcome { get; init; }

    /// <summary>Whether it is one of the wrong ones in a row.</summary>
    public bool Counted { get; init; }

    /// <summary>The cosine.</summary>
    public float? Score { get; init; }

    /// <summary>What it had to reach.</summary>
    public float? Threshold { get; init; }

    /// <summary>The smallest turn the asked way, in degrees.</summary>
    public float? Turn { get; init; }

    /// <summary>How far from flat, in parts of the eye distance.</summary>
    public float? Relief { get; init; }

    /// <summary>How many pictures.</summary>
    public required int Frames { get; init; }

    /// <summary>How many photos the template is the average of.</summary>
    public int? Photos { get; init; }

    /// <summary>The template's model.</summary>
    public string? ModelId { get; init; }

    /// <summary>How long it took, from the claim to the decision.</summary>
    public required int TookMs { get; init; }

    /// <summary>The insert.</summary>
    public static readonly InsertShape<FaceAttempt> Shape = new(
        "insert into biometrics.attempts (id, at, person_id, till, shop_id, payment_id, outcome, counted, score, threshold, turn, relief, frames, photos, "
            + "model_id, took_ms) select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        Column.Of((FaceAttempt a) => a.Id, NpgsqlDbType.Uuid),
        Column.Of((FaceAttempt a) => a.At.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((FaceAttempt a) => a.PersonId, NpgsqlDbType.Uuid),
        Column.Of((FaceAttempt a) => a.Till, NpgsqlDbType.Uuid),
        Column.Of((FaceAttempt a) => a.ShopId, NpgsqlDbType.Uuid),
        Column.Of((FaceAttempt a) => a.PaymentId, NpgsqlDbType.Uuid),
        Column.Of((FaceAttempt a) => a.Outcome, NpgsqlDbType.Text),
        Column.Of((FaceAttempt a) => a.Counted, NpgsqlDbType.Boolean),
        Column.Of((FaceAttempt a) => a.Score, NpgsqlDbType.Real),
        Column.Of((FaceAttempt a) => a.Threshold, NpgsqlDbType.Real),
        Column.Of((FaceAttempt a) => a.Turn, NpgsqlDbType.Real),
        Column.Of((FaceAttempt a) => a.Relief, NpgsqlDbType.Real),
        Column.Of((FaceAttempt a) => a.Frames, NpgsqlDbType.Integer),
        Column.Of((FaceAttempt a) => a.Photos, NpgsqlDbType.Integer),
        Column.Of((FaceAttempt a) => a.ModelId, NpgsqlDbType.Text),
        Column.Of((FaceAttempt a) => a.TookMs, NpgsqlDbType.Integer)
    );
}

/// <summary>
/// Notes comparisons and counts wrong ones (A4): after five in a row half a minute between tries, after ten none. What a comparison says is told only where
/// the guarded count took it, and those queue at the person's row: of fifty guesses at once no more than five are answered.
/// </summary>
internal sealed class FaceAttempts(Database database, ActivityLog activity, TimeProvider clock)
{
    /// <summary>Wrong faces in a row after which each further try waits.</summary>
    public const int FreeTries = 5;

    /// <summary>Wrong faces in a row after which there are no more.</summary>
    public const int MostTries = 10;

    /// <summary>The wait between tries from then on.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    /// <summary>Wrong faces within <see cref="TillCounts"/>, whosever, after which a till compares none.</summary>
    public const int MostAtTill = 30;

    /// <summary>How long they count.</summary>
    public static readonly TimeSpan TillCounts = TimeSpan.FromMinutes(10);

    /// <summary>Passes where the person has tries left.</summary>
    /// <exception cref="Refusal"><c>face_locked</c>, <c>face_wait</c></exception>
    public void Demand(EnrolledFace face)
    {
        if (face.Wrong >= MostTries)
        {
            throw BiometricsRefusals.Locked.With();
        }

        var wait = face.Wrong < FreeTries || face.LastTryAt is not { } last ? TimeSpan.Zero : last + Pause - clock.GetUtcNow();
        if (wait > TimeSpan.Zero)
        {
            throw new Refusal(BiometricsRefusals.Wait) { RetryAfterSeconds = (int)Math.Ceiling(wait.TotalSeconds) };
        }
    }

    /// <summary>Passes where a till has not had too many wrong faces.</summary>
    /// <exception cref="Refusal"><c>rate_limited</c></exception>
    public async Task DemandTillAsync(Guid till, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select count(*) from biometrics.attempts where till = $1 and at > $2 and counted");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = till });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (clock.GetUtcNow() - TillCounts).UtcDateTime });
        if (await command.ExecuteScalarAsync(cancel) is long and >= MostAtTill)
        {
            throw new Refusal(PlatformRefusals.RateLimited, "Too many wrong faces at this till.") { RetryAfterSeconds = (int)TillCounts.TotalSeconds };
        }
    }

    /// <summary>
    /// Notes a comparison, counts it, and passes it on: with the verdict's refusal where there is one, or another where the tries ended meanwhile.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="face">The template.</param>
    /// <param name="verdict">What was decided; not yet told.</param>
    /// <param name="attempt">Makes the row of an outcome.</param>
    /// <param name="settle">What else happens in the transaction, told the outcome.</param>
    /// <exception cref="Refusal">The verdict's, <c>face_locked</c>, <c>face_wait</c></exception>
    public async Task TakeAsync(
        HttpContext http,
        EnrolledFace face,
        FaceVerdict verdict,
        Func<RefusalCode?, FaceAttempt> attempt,
        Func<NpgsqlConnection, string, Task> settle
    )
    {
        var refusal = await database.TransactionAsync(
            async connection =>
            {
                var told = verdict.Refusal is null || verdict.Counts ? await CountAsync(connection, face.PersonId, verdict.Counts) : verdict.Refusal;
                var reason = verdict.Refusal is null || verdict.Counts ? told ?? verdict.Refusal : verdict.Refusal;
                var row = attempt(reason);
                await settle(connection, row.Outcome);
                await connection.InsertAsync(CancellationToken.None, FaceAttempt.Shape.Row(row), ActivityLog.Row(EntryOf(http, row)));
                return reason;
            },
            CancellationToken.None
        );
        if (refusal is not null)
        {
            throw refusal.With(refusal == verdict.Refusal ? verdict.Detail : null);
        }
    }

    /// <summary>Notes a comparison that came to no decision.</summary>
    public Task NoteAsync(HttpContext http, FaceAttempt attempt) =>
        database.TransactionAsync(
            async connection =>
            {
                await connection.InsertAsync(CancellationToken.None, FaceAttempt.Shape.Row(attempt), ActivityLog.Row(EntryOf(http, attempt)));
                return true;
            },
            CancellationToken.None
        );

    // Null where the try was taken; else why not.
    private async Task<RefusalCode?> CountAsync(NpgsqlConnection connection, Guid person, bool wrong)
    {
        await using var count = new NpgsqlCommand(
            """
            insert into biometrics.tries as t (person_id, wrong, last_at) values ($1, $2, $3) on conflict (person_id) do update
            set wrong = case when $2 = 0 then 0 else t.wrong + 1 end, last_at = $3
            where t.wrong < $4 and (t.wrong < $5 or t.last_at <= $6)
            returning wrong
            """,
            connection
        );
        var now = clock.GetUtcNow();
        count.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        count.Parameters.Add(new NpgsqlParameter<int> { TypedValue = wrong ? 1 : 0 });
        count.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        count.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostTries });
        count.Parameters.Add(new NpgsqlParameter<int> { TypedValue = FreeTries });
        count.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - Pause).UtcDateTime });
        if (await count.ExecuteScalarAsync(CancellationToken.None) is not null)
        {
            return null;
        }

        await using var read = new NpgsqlCommand("select wrong >= $2 from biometrics.tries where person_id = $1", connection);
        read.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        read.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostTries });
        return await read.ExecuteScalarAsync(CancellationToken.None) is true ? BiometricsRefusals.Locked : BiometricsRefusals.Wait;
    }

    private ActivityEntry EntryOf(HttpContext http, FaceAttempt attempt) =>
        activity.Entry(
            http,
            attempt.Outcome is FaceAttempt.Accepted ? "biometrics.face_accepted" : "biometrics.face_refused",
            attempt.PersonId,
            new
            {
                attempt = Ids.Show(FaceAttempt.Prefix, attempt.Id),
                payment = attempt.PaymentId is { } payment ? Ids.Show("pay", payment) : null,
                attempt.Outcome,
                attempt.Score,
                attempt.Threshold,
                attempt.Turn,
                attempt.Relief,
                attempt.Frames,
                attempt.Photos,
            }
        );
}
