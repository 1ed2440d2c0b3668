using Florin.Ledger;
using Florin.Money;

namespace Florin.Imports;

/// <summary>An import under way: the commit that grows, and who and what of the old system is what here.</summary>
internal sealed class Work(ImportOptions options, SourceData data, TakenRows known, LedgerCommit commit)
{
    private readonly Dictionary<string, Guid> people = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> counts = new(StringComparer.Ordinal);

    public ImportOptions Options => options;

    public SourceData Data => data;

    public TakenRows Known => known;

    public LedgerCommit Commit => commit;

    /// <summary>What comes out of opening balances, minor units by currency code.</summary>
    public SortedDictionary<string, long> Posted { get; } = new(StringComparer.Ordinal);

    /// <summary>People whom this import makes: they have nothing here yet.</summary>
    public HashSet<Guid> Made { get; } = [];

    /// <summary>How many come without a password.</summary>
    public int WithoutPassword { get; set; }

    /// <summary>How many were staff there.</summary>
    public int Staff { get; set; }

    /// <summary>Rows that were not taken before.</summary>
    public IEnumerable<T> Fresh<T>(IEnumerable<T> rows, string kind, Func<T, string> key) => rows.Where(row => !known.Has(kind, key(row)));

    /// <summary>Notes that a row is taken.</summary>
    public void Take(string kind, string key, Guid target)
    {
        commit.Inserts.Add(Taken.Row(options.Source, kind, key, target));
        counts[kind] = counts.GetValueOrDefault(kind) + 1;
        if (kind is "person")
        {
            people[key] = target;
        }
    }

    /// <summary>Who a person of the old system is here; null, with a problem told, where they are not there.</summary>
    public Guid? Person(string key, string of)
    {
        if (people.TryGetValue(key, out var person))
        {
            return person;
        }

        if (known.Has("person", key))
        {
            return known["person", key];
        }

        // Whoever has a problem of their own is told of once.
        if (!data.People.Exists(one => string.Equals(one.Key, key, StringComparison.Ordinal)))
        {
            data.Problems.Add($"{of}: there is no user {key}");
        }

        return null;
    }

    /// <summary>For the operator.</summary>
    public IEnumerable<string> Report(IReadOnlyCollection<MatchedPerson> matched)
    {
        var nothing = counts.Count == 0;
        yield return nothing ? "Nothing is new." : $"From {options.Source}: {string.Join(", ", counts.Select(count => $"{count.Value} {Plural(count.Key)}"))}.";
        foreach (var (code, minor) in Posted)
        {
            yield return $"Opening balances: {new Amount(minor, Currency.Of(code))}.";
        }

        if (matched.Count(one => one.Existing is not null) is var merged and > 0)
        {
            yield return $"{merged} of the people are here already, and keep their password.";
        }

        if (WithoutPassword > 0)
        {
            yield return $"{WithoutPassword} people have no password that can be taken, and choose one by a reset.";
        }

        if (Staff > 0)
        {
            yield return $"{Staff} were staff there and are customers here: give roles by hand.";
        }

        foreach (var left in data.Left)
        {
            yield return $"Not taken: {left}.";
        }
    }

    private static string Plural(string kind) =>
        kind is "person" ? "people"
        : kind is "credits" ? "people's credits"
        : kind + "s";
}
