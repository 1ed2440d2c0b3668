using Npgsql;

namespace Florin.Platform;

/// <summary>
/// Empties the kept answers of people whose account has ended: their names, files' names and telephone numbers stand in them. The rows stay, so that no call
/// is carried out a second time: a repeat finds that its answer is not kept any more.
/// </summary>
public static class EmptyKeptAnswers
{
    /// <summary>What a call that was under way when the account ended may still add.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(15);

    /// <summary>Every 5 minutes.</summary>
    internal static readonly RecurringJob Job = new("platform.empty_kept_answers", "40 2/5 * * * ?", RunAsync);

    /// <summary>Says, in the transaction that ends an account, that its kept answers are to be emptied.</summary>
    /// <param name="connection">Holds the transaction.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="now">When the account ends.</param>
    /// <param name="cancel">Stops it.</param>
    public static async Task RequestAsync(NpgsqlConnection connection, Guid owner, DateTimeOffset now, CancellationToken cancel)
    {
        await using var request = new NpgsqlCommand(
            "insert into platform.ended_owners (owner, ended_at) values ($1, $2) on conflict (owner) do nothing",
            connection
        );
        request.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = owner });
        request.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        await request.ExecuteNonQueryAsync(cancel);
    }

    private static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var database = services.GetRequiredService<Database>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var find = database.Source.CreateCommand("select coalesce(array_agg(owner), '{}') from platform.ended_owners");
        if (await find.ExecuteScalarAsync(cancel) is not Guid[] { Length: > 0 } owners)
        {
            return;
        }

        await using var empty = database.Source.CreateCommand("update platform.idempotency set body = null where owner = any($1) and body is not null");
        empty.CommandTimeout = 0; // it looks at the whole table
        empty.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = owners });
        await empty.ExecuteNonQueryAsync(cancel);

        await using var done = database.Source.CreateCommand("delete from platform.ended_owners where owner = any($1) and ended_at < $2");
        done.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = owners });
        done.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - Late).UtcDateTime });
        await done.ExecuteNonQueryAsync(cancel);
    }
}
