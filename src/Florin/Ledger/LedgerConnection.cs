using Npgsql;

namespace Florin.Ledger;

/// <summary>The writer's own connection: opened when needed, outside the pool, with waits for locks bounded on the server.</summary>
internal sealed class LedgerConnection(string connectionString) : IAsyncDisposable
{
    // A cancelled wait for synchronous replication is a warning with this state: committed here, perhaps not on the standby.
    private const string Warning = "01000";

    // No sequential scans: everything that the writer reads has an index, and a plan made while a table was small must not outlive that.
    private readonly string writer = new NpgsqlConnectionStringBuilder(connectionString)
    {
        Pooling = false,
        ApplicationName = "florin ledger",
        MaxAutoPrepare = 100,
        AutoPrepareMinUsages = 1,
        KeepAlive = 30,
        TcpKeepAlive = true,
        Options = "-c lock_timeout=5s -c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off -c idle_in_transaction_session_timeout=60s",
    }.ConnectionString;

    private readonly Guid writerId = Guid.NewGuid();
    private NpgsqlConnection? connection;

    public int Backend => connection?.ProcessID ?? 0;

    /// <summary>Whether the server warned during the last commit that it was not replicated as promised.</summary>
    public bool ReplicationCancelled { get; set; }

    public async Task<NpgsqlConnection> OpenAsync()
    {
        if (connection is { FullState: System.Data.ConnectionState.Open })
        {
            return connection;
        }

        await DropAsync();
        var fresh = new NpgsqlConnection(writer);
        fresh.Notice += (_, notice) => ReplicationCancelled |= string.Equals(notice.Notice.SqlState, Warning, StringComparison.Ordinal);
        await fresh.OpenAsync();
        connection = fresh;
        return fresh;
    }

    /// <summary>Ends the transaction that is open, or the connection where that fails.</summary>
    public async Task RollbackAsync()
    {
        try
        {
            if (connection is { FullState: System.Data.ConnectionState.Open })
            {
                await using var command = new NpgsqlCommand("rollback", connection) { CommandTimeout = 10 };
                await command.ExecuteNonQueryAsync();
                return;
            }
        }
        catch (NpgsqlException)
        {
            // The connection goes instead, and the transaction with it.
        }

        await DropAsync();
    }

    public async Task DropAsync()
    {
        if (connection is { } old)
        {
            connection = null;
            await old.DisposeAsync();
        }
    }

    /// <summary>Marks the batch as this writer's last one, in its own transaction.</summary>
    public NpgsqlBatchCommand Mark(Guid batch, DateTimeOffset at) =>
        new(
            "insert into ledger.writers (id, last_batch, last_at) values ($1, $2, $3) "
                + "on conflict (id) do update set last_batch = excluded.last_batch, last_at = excluded.last_at"
        )
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = writerId },
                new NpgsqlParameter<Guid> { TypedValue = batch },
                new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime },
            },
        };

    /// <summary>
    /// What became of a batch whose COMMIT was sent and not answered. A missing mark proves nothing while the server may still be committing, so
    /// this waits until the transaction is final. And a final "committed" proves nothing by itself: after a crash PostgreSQL hands out the id of a
    /// transaction that left no trace on disk once more, and that status is then another transaction's. Both together are proof.
    /// </summary>
    /// <returns>True for committed, false for not, null where it could not be found out in time.</returns>
    public async Task<bool?> FindOutcomeAsync(ulong transactionId, Guid batch, TimeSpan patience, TimeProvider clock)
    {
        await DropAsync();
        var started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < patience)
        {
            try
            {
                await using var command = new NpgsqlCommand("select pg_xact_status($1)", await OpenAsync()) { CommandTimeout = 5 };
                command.Parameters.Add(new NpgsqlParameter<ulong> { TypedValue = transactionId, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Xid8 });
                switch (await command.ExecuteScalarAsync())
                {
                    case "committed":
                        return await LastBatchAsync() == batch;
                    case "aborted":
                        return false;
                }
            }
            catch (NpgsqlException)
            {
                await DropAsync();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        return null;
    }

    private async Task<Guid?> LastBatchAsync()
    {
        await using var command = new NpgsqlCommand("select last_batch from ledger.writers where id = $1", await OpenAsync()) { CommandTimeout = 5 };
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = writerId });
        return await command.ExecuteScalarAsync() as Guid?;
    }

    public async ValueTask DisposeAsync() => await DropAsync();
}
