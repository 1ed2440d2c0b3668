using Florin.Identity;
using Florin.Platform;

namespace Florin.Imports;

/// <summary>What becomes of somebody of an old system: a new person, or one who is here already.</summary>
/// <param name="Source">Who.</param>
/// <param name="Existing">Who is here already; null for a new person.</param>
internal sealed record MatchedPerson(SourcePerson Source, Person? Existing);

/// <summary>
/// Finds out who of an old system is here already. Whoever shares a login with somebody here stops the import, unless the operator said what that means:
/// a balance is never given to a person because a name happens to be the same.
/// </summary>
internal sealed class PersonMatching(ImportOptions options, IReadOnlyList<Person> holders, SourceData data)
{
    private readonly HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Person> byUsername = ByLogin(holders, person => person.Username);
    private readonly Dictionary<string, Person> byEmail = ByLogin(holders, person => person.Email);
    private readonly Dictionary<string, Person> byPhone = ByLogin(holders, person => person.Phone);
    private int without;

    /// <summary>Everybody who can come, in order; problems are told in the data.</summary>
    public List<MatchedPerson> Match(IEnumerable<SourcePerson> people)
    {
        var matched = new List<MatchedPerson>();
        foreach (var person in people)
        {
            if (MatchOne(person) is { } one)
            {
                matched.Add(one);
            }
        }

        Sources.Django.Leave(data, without, "logins that are taken or malformed, as was asked for");
        return matched;
    }

    private MatchedPerson? MatchOne(SourcePerson source)
    {
        var before = data.Problems.Count;
        var person = source with
        {
            Username = Clean(source, "username", source.Username, Logins.Username),
            Email = Clean(source, "email", source.Email, Logins.Email),
            Phone = Clean(source, "phone", source.Phone, Logins.Phone),
        };
        var same = Same(person);
        if (same.Count > 1)
        {
            data.Problems.Add($"{source.Shown} is several people here: give fewer kinds to --merge-by");
        }
        else if (same is [var existing])
        {
            if (existing.IsStaff || !existing.Active)
            {
                data.Problems.Add($"{source.Shown} is a member of staff or a closed account here, whom nothing is merged into");
            }

            Remember(source, person);
            return data.Problems.Count == before ? new MatchedPerson(person, existing) : null;
        }

        person = person with
        {
            Username = Free(source, "username", person.Username, byUsername),
            Email = Free(source, "email", person.Email, byEmail),
            Phone = Free(source, "phone", person.Phone, byPhone),
        };
        if (data.Problems.Count == before && person is { Username: null, Email: null, Phone: null })
        {
            data.Problems.Add($"{source.Shown} has no login left");
        }

        return data.Problems.Count == before ? new MatchedPerson(person, Existing: null) : null;
    }

    // An address here is proof of nothing until its owner showed that it is theirs: else whoever signs up with it first would get the balance.
    private List<Person> Same(SourcePerson person)
    {
        var same = new List<Person?>();
        if (options.MergeBy.Contains("email") && Holder(byEmail, person.Email) is { EmailVerifiedAt: not null } byAddress)
        {
            same.Add(byAddress);
        }

        if (options.MergeBy.Contains("phone") && Holder(byPhone, person.Phone) is { PhoneVerifiedAt: not null } byNumber)
        {
            same.Add(byNumber);
        }

        if (options.MergeBy.Contains("username"))
        {
            same.Add(Holder(byUsername, person.Username));
        }

        return [.. same.OfType<Person>().DistinctBy(one => one.Id)];
    }

    private string? Clean(SourcePerson source, string kind, string? login, Func<string?, string?> read)
    {
        try
        {
            return read(login);
        }
        catch (Refusal)
        {
            return LeftOut(source, kind, login!, "is malformed");
        }
    }

    private string? Free(SourcePerson source, string kind, string? login, Dictionary<string, Person> holding) =>
        login is null ? null
        : holding.ContainsKey(login) ? LeftOut(source, kind, login, $"is somebody's here already (--merge-by {kind}?)")
        : !seen.Add($"{kind}:{login}") ? LeftOut(source, kind, login, "stands there twice")
        : login;

    private void Remember(SourcePerson source, SourcePerson person)
    {
        foreach (var (kind, login) in new[] { ("username", person.Username), ("email", person.Email), ("phone", person.Phone) })
        {
            if (login is not null && !seen.Add($"{kind}:{login}"))
            {
                LeftOut(source, kind, login, "stands there twice");
            }
        }
    }

    private string? LeftOut(SourcePerson source, string kind, string login, string why)
    {
        if (options.Without.Contains(kind))
        {
            without++;
        }
        else
        {
            data.Problems.Add($"{source.Shown}: the {kind} '{login}' {why}");
        }

        return null;
    }

    private static Person? Holder(Dictionary<string, Person> holding, string? login) => login is null ? null : holding.GetValueOrDefault(login);

    private static Dictionary<string, Person> ByLogin(IReadOnlyList<Person> holders, Func<Person, string?> login) =>
        holders
            .Where(person => login(person) is not null)
            .DistinctBy(login, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(person => login(person)!, StringComparer.OrdinalIgnoreCase);
}
