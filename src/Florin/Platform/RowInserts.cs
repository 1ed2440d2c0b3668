using Npgsql;

namespace Florin.Platform;

/// <summary>Writes rows that belong to an effect outside a ledger commit: activity and outbox events, in the transaction of the effect.</summary>
public static class RowInserts
{
    /// <summary>Inserts the rows in one round trip.</summary>
    public static async Task InsertAsync(this NpgsqlConnection connection, CancellationToken cancel, params IReadOnlyList<RowInsert> rows)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var row in rows)
        {
            batch.BatchCommands.Add(row.Command());
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }
}
