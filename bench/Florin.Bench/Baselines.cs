using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Florin.Bench;

/// <summary>What the same PostgreSQL does without the ledger, on tables of the same shape and indexes.</summary>
internal static class Baselines
{
    private const string Tables = """
        drop schema if exists baseline cascade;
        create schema baseline;
        create table baseline.accounts (like ledger.accounts including all) with (fillfactor = 50);
        create table baseline.postings (like ledger.postings including all);
        create table baseline.entries (like ledger.entries including all);
        create table baseline.idempotency (like platform.idempotency including all);
        insert into baseline.accounts (id, currency, kind, floor, balance, opened_at) select i, 'USD', 'wallet', 0, 1000000000, now() from generate_series(1, 1000) i;
        """;

    /// <summary>The limit: PostgreSQL inserts the rows of transfers from its own memory, 2,000 a transaction, no client.</summary>
    public static async Task<double> InsertLimitAsync(TimeSpan duration)
    {
        await ExecuteAsync(Tables);
        await ExecuteAsync(
            """
            create procedure baseline.fill(first int, batches int) language plpgsql as $$
            begin
                for b in first..first + batches - 1 loop
                    insert into baseline.postings (id, kind, posted_at, entries)
                        select gen_random_uuid(), 'transfer', now(), array[i, b * 10, i + 1000, b * 10] from generate_series(1, 2000) i;
                    insert into baseline.entries (account_id, seq, posting_id, amount, balance_after, posted_at)
                        select 1 + i % 1000, 1 + b * 4 + i / 1000, gen_random_uuid(), 1 - 2 * (i % 2), 1000000, now() from generate_series(0, 3999) i;
                    insert into baseline.idempotency (id, request_hash, status, body, created_at)
                        select gen_random_uuid(), '\x00112233445566778899aabbccddeeff', 201, convert_to(repeat('x', 180), 'UTF8'), now()
                        from generate_series(1, 2000) i;
                    commit;
                end loop;
            end $$;
            """
        );
        var clock = Stopwatch.StartNew();
        var batches = 0;
        for (; clock.Elapsed < duration; batches += 10)
        {
            await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"call baseline.fill({batches}, 10)"));
        }

        return batches * 2000 / clock.Elapsed.TotalSeconds;
    }

    /// <summary>The usual way: one transaction per transfer that locks two rows, inserts and updates, over so many connections.</summary>
    public static async Task<double> PerTransactionAsync(TimeSpan duration, int connections)
    {
        await ExecuteAsync(Tables);
        await using var source = NpgsqlDataSource.Create(LedgerHost.Owner + ";Max Auto Prepare=20;Auto Prepare Min Usages=1");
        var clock = Stopwatch.StartNew();
        long done = 0;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(worker => Task.Run(() => WorkAsync(worker))));
        return done / clock.Elapsed.TotalSeconds;

        async Task WorkAsync(int worker)
        {
            await using var connection = await source.OpenConnectionAsync();
            for (var i = 0; clock.Elapsed < duration; i++)
            {
                await TransferAsync(connection, 1 + ((worker * 7919) + (i * 31)) % 1000, 1 + ((worker * 104_729) + (i * 17) + 500) % 1000);
                Interlocked.Increment(ref done);
            }
        }
    }

    private static async Task TransferAsync(NpgsqlConnection connection, long from, long to)
    {
        if (from == to)
        {
            to = (to % 1000) + 1;
        }

        await ExecuteOnAsync(connection, "begin");
        var balances = new Dictionary<long, (long Balance, long Seq)>();
        await using (
            var command = new NpgsqlCommand("select id, balance, seq from baseline.accounts where id = any($1) order by id for no key update", connection)
        )
        {
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [from, to] });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                balances.Add(reader.GetInt64(0), (reader.GetInt64(1), reader.GetInt64(2)));
            }
        }

        var posting = Guid.CreateVersion7();
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, "insert into baseline.postings (id, kind, posted_at, entries) values ($1, 'transfer', now(), $2)", posting, new[] { from, 1L, to, 1L });
        foreach (var (account, sign) in new[] { (from, -1L), (to, 1L) })
        {
            var (balance, seq) = balances[account];
            Add(
                batch,
                "insert into baseline.entries (account_id, seq, posting_id, amount, balance_after, posted_at) values ($1, $2, $3, $4, $5, now())",
                account,
                seq + 1,
                posting,
                sign,
                balance + sign
            );
            Add(batch, "update baseline.accounts set balance = $2, seq = $3 where id = $1", account, balance + sign, seq + 1);
        }

        Add(
            batch,
            "insert into baseline.idempotency (id, request_hash, status, body, created_at) values ($1, $2, 201, $3, now())",
            Guid.NewGuid(),
            new byte[16],
            new byte[180]
        );
        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        await batch.ExecuteNonQueryAsync();
    }

    private static void Add(NpgsqlBatch batch, string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        batch.BatchCommands.Add(command);
    }

    private static async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(LedgerHost.Owner);
        await connection.OpenAsync();
        await ExecuteOnAsync(connection, sql);
    }

    private static async Task ExecuteOnAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}
