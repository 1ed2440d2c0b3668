using System.Globalization;
using System.Text.Json;

namespace Florin.Bench;

/// <summary>The table that a benchmark prints, and its last line <c>bench: {json}</c>.</summary>
internal sealed class Report(string title)
{
    private readonly List<(string Label, string Value, string Note)> rows = [];
    private readonly Dictionary<string, object> figures = new(StringComparer.Ordinal);

    public void Add(string figure, double value, string label, string note = "")
    {
        figures[figure] = Math.Round(value, value < 100 ? 3 : 0);
        rows.Add((label, value.ToString(value < 100 ? "0.00" : "N0", CultureInfo.InvariantCulture), note));
        Console.Error.WriteLine($"  {label}: {rows[^1].Value} {note}");
    }

    public void Print()
    {
        var label = rows.Max(row => row.Label.Length);
        var value = rows.Max(row => row.Value.Length);
        Console.WriteLine();
        Console.WriteLine(title);
        foreach (var row in rows)
        {
            Console.WriteLine($"  {row.Label.PadRight(label)}  {row.Value.PadLeft(value)}  {row.Note}".TrimEnd());
        }

        Console.WriteLine("bench: " + JsonSerializer.Serialize(figures));
    }
}
