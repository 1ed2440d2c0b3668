using Florin.Platform;
using Npgsql;

namespace Florin.Gateways;

/// <summary>Forgets callbacks after 90 days, since they may name people; the sandbox's charges with them.</summary>
internal static class DeleteOldCallbacks
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    internal static readonly RecurringJob Job = new("gateways.delete_old_callbacks", "0 41 3 * * ?", RunAsync);

    private static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var before = (services.GetRequiredService<TimeProvider>().GetUtcNow() - Kept).UtcDateTime;
        foreach (var sql in new[] { "delete from gateways.callbacks where received_at < $1", "delete from gateways.sandbox_charges where created_at < $1" })
        {
            await using var command = services.GetRequiredService<Database>().Source.CreateCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before });
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
