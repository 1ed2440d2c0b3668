using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Imports;

/// <summary>What was taken from a source before.</summary>
internal sealed class TakenRows(Dictionary<(string Kind, string Key), Guid> rows)
{
    /// <summary>Whether a row was taken.</summary>
    public bool Has(string kind, string key) => rows.ContainsKey((kind, key));

    /// <summary>What a taken row is here.</summary>
    public Guid this[string kind, string key] => rows[(kind, key)];
}

/// <summary>Remembers what was taken from which source, so that nothing is taken twice.</summary>
internal sealed class Taken(Database database)
{
    /// <summary>The constraint that a second taking breaks.</summary>
    public const string Constraint = "taken_once";

    private static readonly InsertShape<(string Source, string Kind, string Key, Guid Target)> Shape = new(
        "insert into imports.taken (source, kind, key, target, taken_at) select *, now() from unnest($1, $2, $3, $4)",
        Column.Of(((string Source, string Kind, string Key, Guid Target) t) => t.Source, NpgsqlDbType.Text),
        Column.Of(((string Source, string Kind, string Key, Guid Target) t) => t.Kind, NpgsqlDbType.Text),
        Column.Of(((string Source, string Kind, string Key, Guid Target) t) => t.Key, NpgsqlDbType.Text),
        Column.Of(((string Source, string Kind, string Key, Guid Target) t) => t.Target, NpgsqlDbType.Uuid)
    );

    /// <summary>One taken row as part of a commit.</summary>
    public static RowInsert Row(string source, string kind, string key, Guid target) => Shape.Row((source, kind, key, target));

    /// <summary>All that was taken from a source.</summary>
    public async Task<TakenRows> ReadAsync(string source, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select kind, key, target from imports.taken where source = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new Dictionary<(string, string), Guid>();
        while (await reader.ReadAsync(cancel))
        {
            rows[(reader.GetString(0), reader.GetString(1))] = reader.GetGuid(2);
        }

        return new TakenRows(rows);
    }
}
