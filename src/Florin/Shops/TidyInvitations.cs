using Florin.Platform;
using Npgsql;

namespace Florin.Shops;

/// <summary>Deletes invitations that ended long ago, and with them what was typed of people who never came.</summary>
internal static class TidyInvitations
{
    /// <summary>Every hour.</summary>
    public static readonly RecurringJob Job = new("shops.tidy_invitations", "0 23 * * * ?", RunAsync);

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var before = services.GetRequiredService<TimeProvider>().GetUtcNow() - Kept;
        await using var delete = services.GetRequiredService<Database>().Source.CreateCommand("delete from shops.invitations where expires_at < $1");
        delete.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before.UtcDateTime });
        await delete.ExecuteNonQueryAsync(cancel);
    }
}
