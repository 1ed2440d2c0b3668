using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Florin.Platform;

/// <summary>What one instrument has measured, in one cell per set of labels.</summary>
internal sealed class MetricSeries
{
    private const int MostCells = 500;
    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] Counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000, 1_000_000];

    // Labels that are without bound, secret, or always the same here.
    private static readonly HashSet<string> Dropped = new(StringComparer.Ordinal)
    {
        "url.scheme",
        "network.protocol.name",
        "network.protocol.version",
        "network.type",
        "network.transport",
        "network.peer.address",
        "server.address",
        "server.port",
        "db.system.name",
        "db.namespace",
        "db.client.connection.pool.name",
        "aspnetcore.request.is_unhandled",
    };

    private readonly Lock gate = new();
    private readonly string type;
    private readonly string help;
    private readonly bool observed;
    private readonly double[]? bounds;
    private volatile Dictionary<int, Cell> cells = [];
    private Cell? overflow;
    private int count;

    internal MetricSeries(Instrument instrument)
    {
        var kind = instrument.GetType();
        var generic = kind.IsGenericType ? kind.GetGenericTypeDefinition() : kind;
        observed = instrument.IsObservable;
        type =
            generic == typeof(Histogram<>) ? "histogram"
            : generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>) ? "counter"
            : "gauge";
        Adds = type is "counter" || generic == typeof(UpDownCounter<>);
        bounds =
            type is not "histogram" ? null
            : instrument.Unit is "s" ? Seconds
            : Counts;
        Name = NameOf(instrument.Name, instrument.Unit, type);
        help = (instrument.Description ?? instrument.Name).ReplaceLineEndings(" ").Replace('\\', '/');
    }

    /// <summary>The name in the exposition.</summary>
    internal string Name { get; }

    private bool Adds { get; }

    /// <summary>Takes one measurement. Takes no lock where the labels were seen before.</summary>
    internal void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = 0;
        foreach (var tag in tags)
        {
            if (!Dropped.Contains(tag.Key))
            {
                hash = HashCode.Combine(hash, tag.Key.GetHashCode(StringComparison.Ordinal), tag.Value);
            }
        }

        cells.TryGetValue(hash, out var cell);
        while (cell is not null && !cell.Has(tags))
        {
            cell = cell.Next;
        }

        cell ??= Add(hash, tags);
        if (bounds is not null)
        {
            cell.Observe(value, bounds);
        }
        else if (Adds && !observed)
        {
            cell.Add(value);
        }
        else
        {
            cell.Set(value);
        }
    }

    /// <summary>Before observed instruments are read: those that no longer report are gone.</summary>
    internal void ForgetObserved()
    {
        if (observed)
        {
            lock (gate)
            {
                (cells, overflow, count) = ([], null, 0);
            }
        }
    }

    /// <summary>Writes the series in the text format 0.0.4.</summary>
    internal void Write(StringBuilder text, bool heading)
    {
        var all = cells.Values.SelectMany(cell => cell.Chain()).Concat(overflow is null ? [] : [overflow]).ToList();
        if (all.Count == 0)
        {
            return;
        }

        if (heading)
        {
            text.Append("# HELP ").Append(Name).Append(' ').Append(help).Append('\n');
            text.Append("# TYPE ").Append(Name).Append(' ').Append(type).Append('\n');
        }

        foreach (var cell in all.OrderBy(cell => cell.Labels, StringComparer.Ordinal))
        {
            cell.Write(text, Name, bounds);
        }
    }

    private Cell Add(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (gate)
        {
            cells.TryGetValue(hash, out var first);
            for (var cell = first; cell is not null; cell = cell.Next)
            {
                if (cell.Has(tags))
                {
                    return cell;
                }
            }

            if (count == MostCells)
            {
                return overflow ??= new Cell([new("overflow", "true")], bounds, null);
            }

            var kept = new List<KeyValuePair<string, object?>>();
            foreach (var tag in tags)
            {
                if (!Dropped.Contains(tag.Key))
                {
                    kept.Add(tag);
                }
            }

            var added = new Cell([.. kept], bounds, first);
            cells = new Dictionary<int, Cell>(cells) { [hash] = added }; // readers keep the old one: no lock for them
            count++;
            return added;
        }
    }

    private static string NameOf(string name, string? unit, string type)
    {
        var plain = new StringBuilder(name.Length + 16);
        foreach (var c in name)
        {
            plain.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "%" => "_percent",
            _ => "",
        };
        plain.Append(name.EndsWith(suffix, StringComparison.Ordinal) ? "" : suffix);
        return plain.Append(type is "counter" && !name.EndsWith("total", StringComparison.Ordinal) ? "_total" : "").ToString();
    }

    private sealed class Cell(KeyValuePair<string, object?>[] tags, double[]? bounds, Cell? next)
    {
        private readonly long[] buckets = bounds is null ? [] : new long[bounds.Length + 1];
        private long sum; // the bits of a double

        internal Cell? Next => next;

        internal string Labels { get; } = string.Join(',', tags.Select(tag => $"{Escape(tag.Key, name: true)}=\"{Escape(Show(tag.Value), name: false)}\""));

        internal bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
        {
            var at = 0;
            foreach (var other in others)
            {
                if (Dropped.Contains(other.Key))
                {
                    continue;
                }

                if (at == tags.Length || !string.Equals(tags[at].Key, other.Key, StringComparison.Ordinal) || !Equals(tags[at].Value, other.Value))
                {
                    return false;
                }

                at++;
            }

            return at == tags.Length;
        }

        internal IEnumerable<Cell> Chain()
        {
            for (var cell = this; cell is not null; cell = cell.Next)
            {
                yield return cell;
            }
        }

        internal void Set(double value) => Interlocked.Exchange(ref sum, BitConverter.DoubleToInt64Bits(value));

        internal void Add(double value)
        {
            long before,
                after;
            do
            {
                before = Interlocked.Read(ref sum);
                after = BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(before) + value);
            } while (Interlocked.CompareExchange(ref sum, after, before) != before);
        }

        internal void Observe(double value, double[] upTo)
        {
            var at = 0;
            while (at < upTo.Length && value > upTo[at])
            {
                at++;
            }

            Interlocked.Increment(ref buckets[at]);
            Add(value);
        }

        internal void Write(StringBuilder text, string name, double[]? upTo)
        {
            var value = Show(BitConverter.Int64BitsToDouble(Interlocked.Read(ref sum)));
            if (upTo is null)
            {
                Line(text, name, Labels, value);
                return;
            }

            long total = 0;
            for (var i = 0; i <= upTo.Length; i++)
            {
                total += Interlocked.Read(ref buckets[i]);
                var le = i == upTo.Length ? "+Inf" : Show(upTo[i]);
                Line(text, name + "_bucket", $"{Labels}{(Labels.Length > 0 ? "," : "")}le=\"{le}\"", Show(total));
            }

            Line(text, name + "_sum", Labels, value);
            Line(text, name + "_count", Labels, Show(total));
        }

        private static void Line(StringBuilder text, string name, string labels, string value)
        {
            text.Append(name);
            if (labels.Length > 0)
            {
                text.Append('{').Append(labels).Append('}');
            }

            text.Append(' ').Append(value).Append('\n');
        }

        private static string Show(object? value) =>
            value switch
            {
                bool flag => flag ? "true" : "false",
                double number => number.ToString("R", CultureInfo.InvariantCulture),
                _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
            };

        private static string Escape(string text, bool name) =>
            name
                ? text.Replace('.', '_').Replace('-', '_')
                : text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings(" ");
    }
}
