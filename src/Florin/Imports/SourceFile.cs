using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Florin.Money;
using Microsoft.Data.Sqlite;

namespace Florin.Imports;

/// <summary>An old system's SQLite database, opened to be read only. Tables are found by the end of their name, since apps were called differently.</summary>
internal sealed class SourceFile : IDisposable
{
    private readonly SqliteConnection connection;

    /// <exception cref="Platform.Refusal"><c>import_unreadable</c></exception>
    public SourceFile(string path)
    {
        if (!File.Exists(path))
        {
            throw ImportsRefusals.Unreadable.With($"There is no file {path}.");
        }

        var builder = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        };
        connection = new SqliteConnection(builder.ToString());
        Guarded(() =>
        {
            connection.Open();
            return string.Equals(Scalar("pragma integrity_check"), "ok", StringComparison.Ordinal)
                ? true
                : throw ImportsRefusals.Unreadable.With("SQLite finds the file damaged (pragma integrity_check).");
        });
    }

    /// <summary>All rows of a table, by its first column.</summary>
    /// <param name="table">The end of its name, such as <c>wallet</c> for <c>wallets_wallet</c>.</param>
    /// <param name="required">Columns that it must have, the key first.</param>
    /// <param name="optional">Columns that are null where the version had none.</param>
    /// <exception cref="Platform.Refusal"><c>import_unreadable</c></exception>
    public IReadOnlyList<SourceRow> Read(string table, string[] required, params string[] optional) =>
        Guarded(() =>
        {
            var name = Find(table, required) ?? throw Missing(table, required);
            return Rows(name, required, optional);
        });

    /// <summary>The same of a table that need not be there.</summary>
    public IReadOnlyList<SourceRow> ReadIfAny(string table, string[] required, params string[] optional) =>
        Guarded(() => Find(table, required) is { } name ? Rows(name, required, optional) : []);

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private static Platform.Refusal Missing(string table, string[] required) =>
        ImportsRefusals.Unreadable.With($"There is no table '…{table}' with the columns {string.Join(", ", required)}.");

    // Everything is read as text, so that no amount ever passes through a binary fraction of ours.
    [SuppressMessage("Security", "CA2100", Justification = "names come from the database's own catalogue, quoted")]
    private List<SourceRow> Rows(string table, string[] required, string[] optional)
    {
        var there = Columns(table);
        var names = required.Concat(optional.Where(there.Contains)).ToArray();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"select {string.Join(", ", names.Select(name => $"cast({Quote(name)} as text)"))} from {Quote(table)} order by {Quote(names[0])}";
        using var reader = command.ExecuteReader();
        var rows = new List<SourceRow>();
        while (reader.Read())
        {
            var values = new Dictionary<string, string?>(StringComparer.Ordinal);
            for (var i = 0; i < names.Length; i++)
            {
                values[names[i]] = reader.IsDBNull(i) ? null : reader.GetString(i);
            }

            rows.Add(new SourceRow(table, values));
        }

        return rows;
    }

    private string? Find(string ending, string[] required)
    {
        var fitting = Names("select name from sqlite_master where type = 'table'")
            .Where(name => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && required.All(Columns(name).Contains))
            .ToList();
        // Of "users_user" and "superuser" the one that is an app's model goes first.
        return fitting.Find(name => name.EndsWith("_" + ending, StringComparison.OrdinalIgnoreCase)) ?? fitting.FirstOrDefault();
    }

    private HashSet<string> Columns(string table) => [.. Names($"select name from pragma_table_info('{table.Replace("'", "''", StringComparison.Ordinal)}')")];

    [SuppressMessage("Security", "CA2100", Justification = "names come from the database's own catalogue, quoted")]
    private List<string> Names(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    [SuppressMessage("Security", "CA2100", Justification = "constants of this file")]
    private string? Scalar(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string;
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException e)
        {
            throw ImportsRefusals.Unreadable.With($"SQLite: {e.Message}");
        }
    }
}

/// <summary>One row of an old system, every value as text.</summary>
internal sealed class SourceRow(string table, Dictionary<string, string?> values)
{
    private static readonly string[] Times = ["yyyy-MM-dd HH:mm:ss.FFFFFF", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ss.FFFFFF", "yyyy-MM-dd"];

    /// <summary>A value; null where it is null or empty, or there is no such column.</summary>
    public string? Text(string column) => values.GetValueOrDefault(column) is { Length: > 0 } text ? text : null;

    /// <summary>A value that must be there.</summary>
    /// <exception cref="Platform.Refusal"><c>import_unreadable</c></exception>
    public string Required(string column) => Text(column) ?? throw Wrong(column, "is empty");

    /// <summary>A whole number; <paramref name="otherwise"/> where there is none.</summary>
    public int Int(string column, int otherwise) =>
        Text(column) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
        : throw Wrong(column, "is no whole number");

    /// <summary>A truth value, which Django keeps as 0 and 1.</summary>
    public bool Flag(string column, bool otherwise) => Text(column) is { } text ? text is "1" or "true" or "True" : otherwise;

    /// <summary>A time, which Django keeps in UTC without saying so; null where there is none.</summary>
    public DateTimeOffset? Time(string column) =>
        Text(column) is not { } text ? null
        : DateTimeOffset.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw Wrong(column, "is no time");

    /// <summary>A date; null where there is none.</summary>
    public DateOnly? Date(string column) =>
        DateOnly.TryParseExact(Text(column), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    /// <summary>An amount in minor units, which may be negative.</summary>
    /// <param name="column">A decimal.</param>
    /// <param name="currency">Whose digits it has.</param>
    /// <param name="cut">Whether digits beyond the currency's are cut off, in the house's favour; else they are refused.</param>
    public long Minor(string column, Currency currency, bool cut = false)
    {
        if (!decimal.TryParse(Text(column) ?? "0", NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || Math.Abs(value) > Amount.MaxMinor / 100)
        {
            throw Wrong(column, "is no amount");
        }

        var minor = value * currency.MinorPerMajor;
        var whole = decimal.Floor(minor);
        return whole == minor || cut ? (long)whole : throw Wrong(column, $"has more digits than {currency.Code}");
    }

    private Platform.Refusal Wrong(string column, string what) =>
        ImportsRefusals.Unreadable.With($"{table}.{column} {what} in the row {values.Values.First()}.");
}
