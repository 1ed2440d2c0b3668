using System.Diagnostics.CodeAnalysis;
using Florin.Platform;
using Npgsql;

namespace Florin.Admin.Backups;

/// <summary>What a table holds, for comparing two databases.</summary>
/// <param name="Table">With its schema.</param>
/// <param name="Rows">How many.</param>
/// <param name="Digest">The sum of a 64-bit hash of each row's text, in whatever order: equal where the rows are.</param>
internal sealed record TableFact(string Table, long Rows, string Digest);

/// <summary>Counts and digests of every table, whichever module's it is.</summary>
internal static class TableFacts
{
    /// <summary>Settings that the text of a row depends on.</summary>
    private const string Text =
        "set time zone 'UTC'; set datestyle to 'ISO, MDY'; set intervalstyle to 'postgres'; set extra_float_digits to 1; set bytea_output to 'hex'";

    /// <summary>Reads them in the transaction that the connection is in.</summary>
    /// <param name="connection">As a role that may read everything.</param>
    /// <param name="leftOut">Tables that are passed over.</param>
    /// <param name="cancel">Stops it.</param>
    public static async Task<IReadOnlyList<TableFact>> ReadAsync(NpgsqlConnection connection, IReadOnlyCollection<string> leftOut, CancellationToken cancel)
    {
        await ExecuteAsync(connection, Text, cancel);
        var facts = new List<TableFact>();
        foreach (var (schema, table) in await NamesAsync(connection, cancel))
        {
            if (!leftOut.Contains($"{schema}.{table}", StringComparer.Ordinal))
            {
                facts.Add(await ReadAsync(connection, schema, table, cancel));
            }
        }

        return facts;
    }

    /// <summary>Every table of ours by schema and name, in this order.</summary>
    public static async Task<IReadOnlyList<(string Schema, string Table)>> NamesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2
            """,
            connection
        );
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var names = new List<(string, string)>();
        while (await reader.ReadAsync(cancel))
        {
            names.Add((reader.GetString(0), reader.GetString(1)));
        }

        return names;
    }

    /// <summary>In what two databases differ, a sentence a table; none where they are equal.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyList<TableFact> expected, IReadOnlyList<TableFact> found)
    {
        var there = found.ToDictionary(fact => fact.Table, StringComparer.Ordinal);
        var differences = new List<string>();
        foreach (var fact in expected)
        {
            if (!there.Remove(fact.Table, out var other))
            {
                differences.Add($"{fact.Table} is missing");
            }
            else if (other != fact)
            {
                differences.Add(
                    other.Rows == fact.Rows
                        ? $"{fact.Table} has {fact.Rows} rows as it should, and others in them"
                        : $"{fact.Table} has {other.Rows} rows instead of {fact.Rows}"
                );
            }
        }

        differences.AddRange(there.Keys.Select(table => $"{table} is one table too many"));
        return differences;
    }

    /// <summary>A statement without a result.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "constants and quoted names of tables")]
    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>A name as PostgreSQL reads it.</summary>
    public static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    [SuppressMessage("Security", "CA2100", Justification = "quoted names out of the catalogue")]
    private static async Task<TableFact> ReadAsync(NpgsqlConnection connection, string schema, string table, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"select count(*), coalesce(sum(hashtextextended(row_of_table::text, 0)::numeric), 0)::text from {Quote(schema)}.{Quote(table)} row_of_table",
            connection
        )
        {
            CommandTimeout = 0,
        };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new TableFact($"{schema}.{table}", reader.GetInt64(0), reader.GetString(1));
    }
}
