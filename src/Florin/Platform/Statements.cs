using Npgsql;
using NpgsqlTypes;

namespace Florin.Platform;

/// <summary>
/// One guarded statement of a module that must take effect together with the rest of a commit, such as
/// <c>update payments.payments set status = 'completed' where id = $1 and status = 'pending'</c>.
/// </summary>
/// <param name="Sql">Constant text with <c>$1</c> parameters; values never stand in it.</param>
/// <param name="Parameters">Values of the parameters, in order. Nulls need a type: use <see cref="NpgsqlParameter{T}"/>.</param>
/// <param name="Rows">How many rows it must touch.</param>
/// <param name="Otherwise">The refusal where it touches another number.</param>
/// <param name="Table">The table that it changes; with <paramref name="Key"/> the order in which batches lock rows.</param>
/// <param name="Key">The row that it changes.</param>
public sealed record RowChange(string Sql, IReadOnlyList<NpgsqlParameter> Parameters, int Rows, RefusalCode Otherwise, string Table, Guid Key)
{
    /// <summary>Where many commits share the statement: this row of it.</summary>
    public RowInsert? Shared { get; init; }
}

/// <summary>
/// A guarded statement that many commits share, so that a batch changes all their rows with one statement: it must touch each of them once.
/// </summary>
/// <param name="sql">
/// Constant text: <c>update … from unnest($1, $2 …) v(…) where … returning</c> the row's key, a uuid, as its first column; one array parameter a column.
/// </param>
/// <param name="table">The table that it changes.</param>
/// <param name="otherwise">The refusal where it does not touch the row.</param>
/// <param name="columns">The columns in the order of the parameters.</param>
public sealed class GuardShape<TRow>(string sql, string table, RefusalCode otherwise, params Column<TRow>[] columns)
{
    private readonly InsertShape<TRow> shape = new(sql, columns);

    /// <summary>One row for a commit to change.</summary>
    /// <param name="key">The row's key.</param>
    /// <param name="row">What the columns are read from.</param>
    public RowChange Row(Guid key, TRow row) => new(sql, [], 1, otherwise, table, key) { Shared = shape.Row(row) };
}

/// <summary>A column of an <see cref="InsertShape{TRow}"/>.</summary>
/// <typeparam name="TRow">The row that the value is read from.</typeparam>
public abstract class Column<TRow>
{
    internal abstract NpgsqlParameter Bind(List<TRow> rows);
}

/// <summary>Makes columns of insert shapes.</summary>
public static class Column
{
    /// <summary>A column that takes one value of each row.</summary>
    /// <param name="read">Reads the value from the row.</param>
    /// <param name="type">The element type in PostgreSQL.</param>
    public static Column<TRow> Of<TRow, TValue>(Func<TRow, TValue> read, NpgsqlDbType type) => new Typed<TRow, TValue>(read, type);

    private sealed class Typed<TRow, TValue>(Func<TRow, TValue> read, NpgsqlDbType type) : Column<TRow>
    {
        internal override NpgsqlParameter Bind(List<TRow> rows)
        {
            var values = new TValue[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = read(rows[i]);
            }

            return new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
        }
    }
}

/// <summary>An insert that many commits share, so that a batch writes all their rows with one statement.</summary>
public abstract class InsertShape
{
    internal abstract RowBuffer NewBuffer();
}

/// <summary>An insert of rows of one kind. Each row must be inserted: the statement may not skip any.</summary>
/// <param name="sql">Constant text: <c>insert into … select * from unnest($1, $2 …)</c>, one array parameter a column.</param>
/// <param name="columns">The columns in the order of the parameters.</param>
public sealed class InsertShape<TRow>(string sql, params Column<TRow>[] columns) : InsertShape
{
    /// <summary>One row for a commit to insert.</summary>
    public RowInsert Row(TRow row) => new RowInsert<TRow>(this, row);

    /// <summary>The command that inserts these rows, for code that writes outside a commit.</summary>
    public NpgsqlBatchCommand Command(List<TRow> rows)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var column in columns)
        {
            command.Parameters.Add(column.Bind(rows));
        }

        return command;
    }

    internal override RowBuffer NewBuffer() => new RowBuffer<TRow>(this);
}

/// <summary>One row to insert with a commit. Made by <see cref="InsertShape{TRow}.Row"/>.</summary>
public abstract class RowInsert
{
    internal abstract InsertShape Shape { get; }

    internal abstract void AddTo(RowBuffer buffer);

    /// <summary>The command that inserts this row, for code that writes outside a commit.</summary>
    public NpgsqlBatchCommand Command()
    {
        var alone = Shape.NewBuffer();
        AddTo(alone);
        return alone.Command();
    }
}

internal sealed class RowInsert<TRow>(InsertShape<TRow> shape, TRow row) : RowInsert
{
    internal override InsertShape Shape => shape;

    internal override void AddTo(RowBuffer buffer) => ((RowBuffer<TRow>)buffer).Rows.Add(row);
}

/// <summary>The rows of one shape that a batch has gathered.</summary>
internal abstract class RowBuffer
{
    internal abstract NpgsqlBatchCommand Command();
}

internal sealed class RowBuffer<TRow>(InsertShape<TRow> shape) : RowBuffer
{
    public List<TRow> Rows { get; } = [];

    internal override NpgsqlBatchCommand Command() => shape.Command(Rows);
}
