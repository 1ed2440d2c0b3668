using Npgsql;

namespace Florin.Platform;

/// <summary>The pool of connections to PostgreSQL, as the server's own role (no DDL).</summary>
/// <param name="source">The pool.</param>
public sealed class Database(NpgsqlDataSource source)
{
    private static readonly AsyncLocal<bool> Open = new();

    /// <summary>Whether this flow of execution holds a transaction of its own. It must not await the ledger then: both would wait for each other.</summary>
    public static bool InTransaction => Open.Value;

    /// <summary>The pool, for single statements: <c>database.Source.CreateCommand(sql)</c>.</summary>
    public NpgsqlDataSource Source => source;

    /// <summary>Runs several statements in one transaction (READ COMMITTED); commits at the end, rolls back on an exception.</summary>
    /// <param name="work">What to do on the connection. It may not call the ledger.</param>
    /// <param name="cancel">Stops the work. It is not handed to the commit.</param>
    public async Task<T> TransactionAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancel)
    {
        Open.Value = true;
        await using var connection = await source.OpenConnectionAsync(cancel);
#pragma warning disable RS0030 // the one place that begins transactions
        await using var transaction = await connection.BeginTransactionAsync(cancel);
#pragma warning restore RS0030
        var result = await work(connection);
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }
}
