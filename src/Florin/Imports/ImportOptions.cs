using Florin.Money;

namespace Florin.Imports;

/// <summary>What the operator asked for.</summary>
/// <param name="System">Which system's layout, one of <see cref="Systems"/>.</param>
/// <param name="File">The database.</param>
internal sealed record ImportOptions(string System, string File)
{
    /// <summary>The five systems.</summary>
    public static readonly IReadOnlyList<string> Systems = ["veinpay", "voucher-app", "payment-files", "qr-pay", "wallet-api"];

    /// <summary>How it is called.</summary>
    public const string Usage = """
        ./florin import SYSTEM --from FILE [options]
          SYSTEM              veinpay, voucher-app, payment-files, qr-pay or wallet-api
          --from FILE         its SQLite database; it is only read
          --dry-run           say what would happen, and do nothing
          --source NAME       how this database is called, where there are several of one system (default: SYSTEM)
          --merge-by LIST     email, phone, username: who is here already by one of them is the same person, and keeps password and names.
                              E-mail addresses and phone numbers count only where they were proven here.
          --without LIST      email, username: where one is taken or malformed, the person comes without it, if another login is left
          --currency CODE     of amounts that have none (default: the default currency)
          --trust-addresses   the old system proved that e-mail addresses and phone numbers are theirs
        """;

    private static readonly string[] Kinds = ["email", "phone", "username"];

    /// <summary>Whether nothing is to be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>How the database is called.</summary>
    public string Source { get; init; } = System;

    /// <summary>By which logins a person is the same.</summary>
    public IReadOnlyList<string> MergeBy { get; init; } = [];

    /// <summary>Which logins may be left out.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Of amounts that have none.</summary>
    public Currency? Currency { get; init; }

    /// <summary>Whether addresses count as proven.</summary>
    public bool TrustAddresses { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <returns>Null where it is malformed, with <paramref name="why"/>.</returns>
    public static ImportOptions? Read(IReadOnlyList<string> words, out string why)
    {
        why = "";
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        string? system = null;
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i] is "--dry-run" or "--trust-addresses")
            {
                given[words[i]] = "";
            }
            else if (words[i] is "--from" or "--source" or "--merge-by" or "--without" or "--currency")
            {
                if (i + 1 == words.Count)
                {
                    why = $"{words[i]} needs a value";
                    return null;
                }

                given[words[i]] = words[++i];
            }
            else if (system is null && Systems.Contains(words[i], StringComparer.Ordinal))
            {
                system = words[i];
            }
            else
            {
                why = $"'{words[i]}' is not understood";
                return null;
            }
        }

        return Of(system, given, out why);
    }

    private static ImportOptions? Of(string? system, Dictionary<string, string> given, out string why)
    {
        var mergeBy = List(given, "--merge-by");
        var without = List(given, "--without");
        Currency? currency = null;
        why =
            system is null ? "say which system"
            : !given.TryGetValue("--from", out var file) ? "say --from FILE"
            : mergeBy.Concat(without).Except(Kinds, StringComparer.Ordinal).FirstOrDefault() is { } odd ? $"'{odd}' is none of {string.Join(", ", Kinds)}"
            : given.TryGetValue("--currency", out var code) && !Money.Currency.TryParse(code, out currency) ? $"there is no currency '{code}'"
            : given.TryGetValue("--source", out var source) && !IsName(source) ? "--source takes 1 to 40 of a-z, 0-9 and -"
            : "";
        return why.Length > 0
            ? null
            : new ImportOptions(system!, given["--from"])
            {
                DryRun = given.ContainsKey("--dry-run"),
                Source = given.GetValueOrDefault("--source", system!),
                MergeBy = mergeBy,
                Without = without,
                Currency = currency,
                TrustAddresses = given.ContainsKey("--trust-addresses"),
            };
    }

    private static string[] List(Dictionary<string, string> given, string name) =>
        given.GetValueOrDefault(name, "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsName(string text) => text.Length is > 0 and <= 40 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-');
}
