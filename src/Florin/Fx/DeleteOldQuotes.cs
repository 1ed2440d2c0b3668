using Florin.Platform;
using Npgsql;

namespace Florin.Fx;

/// <summary>Forgets quotes that nobody used, a week after they expired. Used ones stay: a posting refers to them.</summary>
internal static class DeleteOldQuotes
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    public static readonly RecurringJob Job = new("fx.delete_old_quotes", "0 17 3 * * ?", RunAsync);

    private static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        await using var command = services
            .GetRequiredService<Database>()
            .Source.CreateCommand("delete from fx.quotes where state = 'open' and expires_at < $1");
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (services.GetRequiredService<TimeProvider>().GetUtcNow() - Kept).UtcDateTime });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
