using Npgsql;
using NpgsqlTypes;
using Quartz;

namespace Florin.Platform;

/// <summary>How a recurring job stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Schedule">A Quartz cron expression in UTC.</param>
/// <param name="NextAt">When it is due next; in the past where nobody began it.</param>
/// <param name="RequestedAt">Since when it is to run now.</param>
/// <param name="StartedAt">When it ran last.</param>
/// <param name="EndedAt">When that run ended; null while it runs.</param>
/// <param name="Outcome"><c>completed</c>, <c>failed</c> or <c>stopped</c>; null where it never ended.</param>
/// <param name="Error">Why the last run failed.</param>
/// <param name="Failures">Failed runs in a row.</param>
public sealed record JobView(
    string Name,
    string Schedule,
    DateTimeOffset? NextAt,
    DateTimeOffset? RequestedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    string? Outcome,
    string? Error,
    int Failures
);

/// <summary>How the recurring jobs stand together.</summary>
/// <param name="Jobs">How many this version knows.</param>
/// <param name="Overdue">Of these: due for more than five minutes and not begun.</param>
/// <param name="NextAt">When the next begins.</param>
/// <param name="Failed">Those that failed at their last run, by name.</param>
public sealed record JobsView(long Jobs, long Overdue, DateTimeOffset? NextAt, IReadOnlyList<JobView> Failed);

/// <summary>Remembers how recurring jobs ended, over all servers, and passes on the wish that one be run now.</summary>
public sealed class JobRuns(Database database, IEnumerable<RecurringJob> jobs, TimeProvider clock)
{
    private const int LongestError = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>All of them in figures.</summary>
    public async Task<JobsView> CountAsync(CancellationToken cancel)
    {
        var all = await ListAsync(cancel);
        var late = clock.GetUtcNow() - Patience;
        return new JobsView(all.Count, all.Count(job => job.NextAt < late), all.Min(job => job.NextAt), [.. all.Where(job => job.Failures > 0)]);
    }

    /// <summary>Every job that this version knows, by name.</summary>
    public async Task<IReadOnlyList<JobView>> ListAsync(CancellationToken cancel)
    {
        var known = jobs.ToDictionary(job => job.Name, job => job.Cron, StringComparer.Ordinal);
        await using var command = database.Source.CreateCommand(
            """
            select job.name, t.next_fire_time, r.requested_at, r.started_at, r.ended_at, r.outcome, r.error, coalesce(r.failures, 0)
            from unnest($1) job(name) left join platform.job_runs r on r.name = job.name
            left join jobs.qrtz_triggers t on (t.sched_name, t.trigger_name, t.trigger_group) = ($2, job.name, $3) and t.next_fire_time > 0
            """
        );
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. known.Keys] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = JobScheduler.Cluster });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Key<TriggerKey>.DefaultGroup });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var now = clock.GetUtcNow();
        var views = new List<JobView>();
        while (await reader.ReadAsync(cancel))
        {
            var cron = known[reader.GetString(0)];
            views.Add(
                new JobView(
                    reader.GetString(0),
                    cron,
                    // Quartz keeps times as ticks; where no server that runs jobs was up yet, there is none.
                    reader.IsDBNull(1)
                        ? new CronExpression(cron, TimeZoneInfo.Utc).GetNextValidTimeAfter(now)
                        : new DateTimeOffset(reader.GetInt64(1), TimeSpan.Zero),
                    Time(reader, 2),
                    Time(reader, 3),
                    Time(reader, 4),
                    reader.IsDBNull(5) ? null : reader.GetString(5),
                    reader.IsDBNull(6) ? null : reader.GetString(6),
                    reader.GetInt32(7)
                )
            );
        }

        return [.. views.OrderBy(job => job.Name, StringComparer.Ordinal)];
    }

    /// <summary>Has a job run as soon as a server that runs jobs sees it, within some seconds; asked twice before that, it runs once.</summary>
    /// <returns>The statement to run with the caller's other rows; null where there is no such job.</returns>
    public NpgsqlBatchCommand? Request(string name)
    {
        if (!jobs.Any(job => string.Equals(job.Name, name, StringComparison.Ordinal)))
        {
            return null;
        }

        var request = new NpgsqlBatchCommand(
            """
            insert into platform.job_runs as j (name, requested_at) values ($1, $2)
            on conflict (name) do update set requested_at = coalesce(j.requested_at, excluded.requested_at)
            """
        );
        request.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        request.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        return request;
    }

    /// <summary>Takes what is to be run now; each request is taken by one server.</summary>
    internal async Task<IReadOnlyList<string>> TakeRequestsAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "update platform.job_runs set requested_at = null where requested_at is not null and name = any($1) returning name"
        );
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. jobs.Select(job => job.Name)] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var names = new List<string>();
        while (await reader.ReadAsync(cancel))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    /// <summary>A run begins.</summary>
    internal Task BeginAsync(string name) =>
        ChangeAsync(
            """
            insert into platform.job_runs (name, started_at) values ($1, $2)
            on conflict (name) do update set started_at = excluded.started_at, ended_at = null, outcome = null
            """,
            name,
            null,
            null
        );

    /// <summary>A run has ended.</summary>
    internal Task EndAsync(string name, string outcome, Exception? fault) =>
        ChangeAsync(
            """
            update platform.job_runs set ended_at = $2, outcome = $3, error = $4,
                failures = case $3 when 'failed' then failures + 1 when 'completed' then 0 else failures end
            where name = $1
            """,
            name,
            outcome,
            fault
        );

    private async Task ChangeAsync(string sql, string name, string? outcome, Exception? fault)
    {
        var error = fault is null ? null : $"{fault.GetType().Name}: {fault.Message}";
#pragma warning disable CA2100 // constants of this file
        await using var command = database.Source.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        if (outcome is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = outcome });
            command.Parameters.Add(
                new NpgsqlParameter
                {
                    Value =
                        error is null ? DBNull.Value
                        : error.Length > LongestError ? error[..LongestError]
                        : error,
                    NpgsqlDbType = NpgsqlDbType.Text,
                }
            );
        }

        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetFieldValue<DateTimeOffset>(at);
}
