using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>Deletes what has long ended: sessions with their tokens, codes, and counts of sources that are quiet again.</summary>
internal static class TidySignIns
{
    internal static readonly RecurringJob Job = new("identity.tidy_sign_ins", "0 17 * * * ?", RunAsync);

    // Ended sessions stay for questions about them, and longer than any access token of theirs.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var batch = services.GetRequiredService<Database>().Source.CreateBatch();
        batch.BatchCommands.Add(Delete("delete from identity.sessions where expires_at < $1", now - Kept));
        batch.BatchCommands.Add(Delete("delete from identity.codes where expires_at < $1", now - TimeSpan.FromDays(1)));
        batch.BatchCommands.Add(Delete("delete from identity.sign_in_sources where updated_at < $1", now - TimeSpan.FromDays(1)));
        batch.BatchCommands.Add(Delete("delete from identity.passkey_answers where expires_at < $1", now));
        await batch.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlBatchCommand Delete(string sql, DateTimeOffset before)
    {
        var delete = new NpgsqlBatchCommand(sql);
        delete.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before.UtcDateTime });
        return delete;
    }
}
