using Npgsql;

namespace Florin.Platform;

/// <summary>
/// A table of sums by hour and day of UTC, with the columns <c>size</c> (<c>hour</c> or <c>day</c>) and <c>start</c>: which of its rows make up a stretch
/// of time. Whole days come from the days' rows, what is left at both ends from the hours'.
/// </summary>
public static class Rollup
{
    /// <summary>Its rows in a stretch, to be selected from. Three stretches of an index, and not one condition with "or", for which all rows are read.</summary>
    /// <param name="table">Its name with its schema: a constant.</param>
    /// <param name="first">The number of the first of its four parameters in the statement.</param>
    public static string Rows(string table, int first = 1)
    {
        var (from, to, firstDay, endOfDays) = (first, first + 1, first + 2, first + 3);
        return $"(select * from {table} where size = 'day' and start >= ${firstDay} and start < ${endOfDays} "
            + $"union all select * from {table} where size = 'hour' and start >= ${from} and start < ${firstDay} "
            + $"union all select * from {table} where size = 'hour' and start >= ${endOfDays} and start < ${to})";
    }

    /// <summary>The values of these parameters.</summary>
    /// <param name="stretch">Which stretch.</param>
    /// <param name="hours">Whether each hour is asked for, and days are not enough.</param>
    public static IEnumerable<NpgsqlParameter> Values(Stretch stretch, bool hours = false)
    {
        var (first, end) = hours ? (stretch.To, stretch.To) : stretch.WholeDays;
        return Times(stretch.From, stretch.To, first, end);
    }

    /// <summary>Moments as parameters.</summary>
    public static IEnumerable<NpgsqlParameter> Times(params DateTimeOffset[] moments) =>
        moments.Select(at => new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime });
}
