using Florin.Platform;
using Npgsql;

namespace Florin.Biometrics;

/// <summary><c>GET /v1/biometrics/stats?days=</c>: how faces were accepted and refused of late, by outcome, score and day, for staff.</summary>
internal static class ShowFaceStats
{
    private const int MostDays = 366;

    /// <param name="Days">How many days back, today with them.</param>
    /// <param name="Attempts">All comparisons.</param>
    /// <param name="Accepted">Those that were accepted.</param>
    /// <param name="Refusals">How many of each refusal, by its code.</param>
    /// <param name="Scores">How many comparisons had a score in each hundredth from 0.80 on, lower ones in the first.</param>
    /// <param name="ByDay">Of each day (UTC) that had any.</param>
    /// <param name="TookMsP50">Half of them took no longer, milliseconds.</param>
    /// <param name="TookMsP95">95 of 100 took no longer.</param>
    /// <param name="Enrolled">Templates at this moment.</param>
    public sealed record Response(
        int Days,
        long Attempts,
        long Accepted,
        IReadOnlyDictionary<string, long> Refusals,
        IReadOnlyList<ScoreBand> Scores,
        IReadOnlyList<Day> ByDay,
        int? TookMsP50,
        int? TookMsP95,
        long Enrolled
    );

    /// <param name="From">The lower end of the hundredth.</param>
    /// <param name="Accepted">Accepted ones.</param>
    /// <param name="Refused">Refused ones.</param>
    public sealed record ScoreBand(double From, long Accepted, long Refused);

    /// <param name="Date">The day.</param>
    /// <param name="Accepted">Accepted ones.</param>
    /// <param name="Refused">Refused ones.</param>
    public sealed record Day(DateOnly Date, long Accepted, long Refused);

    public static void Map(RouteGroupBuilder biometrics) => biometrics.MapGet("/stats", HandleAsync).LimitRate(RateLimit.Costly);

    private static async Task<Response> HandleAsync(int? days, Database database, TimeProvider clock, CancellationToken cancel)
    {
        if (days is < 1 or > MostDays)
        {
            throw PlatformRefusals.InvalidRequest.Field("days", $"must be from 1 to {MostDays}");
        }

        var back = days ?? 30;
        var since = clock.GetUtcNow().UtcDateTime.Date.AddDays(1 - back);
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection);
        foreach (
            var sql in (string[])
                [
                    "select outcome, count(*) from biometrics.attempts where at >= $1 group by outcome order by outcome",
                    """
                        select least(greatest(floor(score * 100)::int, 80), 99), count(*) filter (where outcome = 'accepted'),
                            count(*) filter (where outcome <> 'accepted')
                        from biometrics.attempts where at >= $1 and score is not null group by 1 order by 1
                        """,
                    """
                        select (at at time zone 'UTC')::date, count(*) filter (where outcome = 'accepted'), count(*) filter (where outcome <> 'accepted')
                        from biometrics.attempts where at >= $1 group by 1 order by 1
                        """,
                    """
                        select percentile_disc(0.5) within group (order by took_ms), percentile_disc(0.95) within group (order by took_ms),
                            (select count(*) from biometrics.faces)
                        from biometrics.attempts where at >= $1 and score is not null
                        """,
                ]
        )
        {
            batch.BatchCommands.Add(new(sql) { Parameters = { new NpgsqlParameter<DateTime> { TypedValue = DateTime.SpecifyKind(since, DateTimeKind.Utc) } } });
        }

        await using var reader = await batch.ExecuteReaderAsync(cancel);
        return await ReadAsync(reader, back, cancel);
    }

    private static async Task<Response> ReadAsync(NpgsqlDataReader reader, int back, CancellationToken cancel)
    {
        var outcomes = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancel))
        {
            outcomes.Add(reader.GetString(0), reader.GetInt64(1));
        }

        await reader.NextResultAsync(cancel);
        var scores = new List<ScoreBand>();
        while (await reader.ReadAsync(cancel))
        {
            scores.Add(new(reader.GetInt32(0) / 100.0, reader.GetInt64(1), reader.GetInt64(2)));
        }

        await reader.NextResultAsync(cancel);
        var byDay = new List<Day>();
        while (await reader.ReadAsync(cancel))
        {
            byDay.Add(new(reader.GetFieldValue<DateOnly>(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        await reader.NextResultAsync(cancel);
        await reader.ReadAsync(cancel);
        outcomes.Remove(FaceAttempt.Accepted, out var accepted);
        return new Response(
            back,
            accepted + outcomes.Values.Sum(),
            accepted,
            outcomes,
            scores,
            byDay,
            await reader.GetFieldValueAsync<int?>(0, cancel),
            await reader.GetFieldValueAsync<int?>(1, cancel),
            reader.GetInt64(2)
        );
    }
}
