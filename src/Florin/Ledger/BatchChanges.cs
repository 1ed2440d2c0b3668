using System.Data.Common;
using Florin.Platform;
using Npgsql;

namespace Florin.Ledger;

/// <summary>
/// The guarded statements of a batch, in one round trip: by table and key, so that two servers lock rows in one order; rows that share a statement
/// are changed by one, and it says which of them it touched.
/// </summary>
internal sealed class BatchChanges
{
    private readonly List<(int Arrival, RowChange Row)> changes;
    private readonly List<List<int>> commands = []; // which changes each command makes
    private readonly int[] touched;
    private NpgsqlBatch? batch;

    /// <param name="changes">The changes with their commits' places in the batch, in order of arrival.</param>
    public BatchChanges(List<(int Arrival, RowChange Row)> changes)
    {
        // Stable, so that one row's changes stay in order of arrival.
        this.changes = [.. changes.OrderBy(change => change.Row.Table, StringComparer.Ordinal).ThenBy(change => change.Row.Key)];
        touched = new int[changes.Count];
        // A row that several commits want to change stays with statements of its own, in order of arrival.
        var wanted = this.changes.CountBy(change => (change.Row.Table, change.Row.Key)).ToDictionary();
        var shared = new Dictionary<InsertShape, List<int>>();
        for (var i = 0; i < this.changes.Count; i++)
        {
            var row = this.changes[i].Row;
            var shape = wanted[(row.Table, row.Key)] == 1 ? row.Shared?.Shape : null;
            if (shape is not null && shared.TryGetValue(shape, out var members))
            {
                members.Add(i);
                continue;
            }

            commands.Add([i]);
            if (shape is not null)
            {
                shared.Add(shape, commands[^1]);
            }
        }
    }

    /// <summary>Makes the changes.</summary>
    public async Task RunAsync(NpgsqlConnection link, int timeoutSeconds)
    {
        await using var work = new NpgsqlBatch(link) { Timeout = timeoutSeconds };
        batch = work;
        foreach (var members in commands)
        {
            work.BatchCommands.Add(CommandOf(members));
        }

        await using (var reader = await work.ExecuteReaderAsync(CancellationToken.None))
        {
            // Shared statements answer the keys that they touched, and the others nothing: those have no result to read.
            foreach (var members in commands)
            {
                if (changes[members[0]].Row.Shared is not null)
                {
                    await ReadAsync(reader, members);
                    await reader.NextResultAsync(CancellationToken.None);
                }
            }
        }

        for (var i = 0; i < commands.Count; i++)
        {
            if (changes[commands[i][0]].Row.Shared is null)
            {
                touched[commands[i][0]] = work.BatchCommands[i].RecordsAffected;
            }
        }
    }

    /// <summary>The change that a command makes; null where it makes several, and nobody can say which of them broke it.</summary>
    public (int Arrival, RowChange Row)? Of(DbBatchCommand? command)
    {
        var at = command is NpgsqlBatchCommand broken && batch is not null ? batch.BatchCommands.IndexOf(broken) : -1;
        return at >= 0 && commands[at] is [var only] ? changes[only] : null;
    }

    /// <summary>Changes that touched another number of rows than they must.</summary>
    public List<RowFailure> Failures()
    {
        var failures = new List<RowFailure>();
        for (var i = 0; i < changes.Count; i++)
        {
            if (touched[i] != changes[i].Row.Rows)
            {
                failures.Add(new RowFailure(changes[i].Arrival, changes[i].Row, null));
            }
        }

        return failures;
    }

    /// <summary>Rows that failed commits changed, each with the first of them.</summary>
    public Dictionary<(string Table, Guid Key), int> TouchedBy(List<RowFailure> failures)
    {
        var failed = failures.Select(failure => failure.Arrival).ToHashSet();
        var rows = new Dictionary<(string Table, Guid Key), int>();
        for (var i = 0; i < changes.Count; i++)
        {
            if (touched[i] > 0 && failed.Contains(changes[i].Arrival))
            {
                rows.TryAdd((changes[i].Row.Table, changes[i].Row.Key), changes[i].Arrival);
            }
        }

        return rows;
    }

    private async Task ReadAsync(NpgsqlDataReader reader, List<int> members)
    {
        var keys = new Dictionary<Guid, int>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            var key = reader.GetGuid(0);
            keys[key] = keys.GetValueOrDefault(key) + 1;
        }

        foreach (var member in members)
        {
            touched[member] = keys.GetValueOrDefault(changes[member].Row.Key);
        }
    }

    private NpgsqlBatchCommand CommandOf(List<int> members)
    {
        var first = changes[members[0]].Row;
        if (first.Shared is not null)
        {
            var rows = first.Shared.Shape.NewBuffer();
            foreach (var member in members)
            {
                changes[member].Row.Shared!.AddTo(rows);
            }

            return rows.Command();
        }

        var command = new NpgsqlBatchCommand(first.Sql);
        foreach (var parameter in first.Parameters)
        {
            command.Parameters.Add(parameter.Clone());
        }

        return command;
    }
}
