using Florin.Money;
using Florin.Platform;

namespace Florin.Imports;

/// <summary>What the operator asked for.</summary>
/// <param name="System">Which system's layout, one of <see cref="Systems"/>.</param>
/// <param name="File">The database.</param>
internal sealed record ImportOptions(string System, string File)
{
    /// <summary>The five systems.</summary>
    public static readonly IReadOnlyList<string> Systems = ["veinpay", "voucher-app", "payment-files", "qr-pay", "wallet-api"];

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

    /// <summary>Reads what was typed.</summary>
    /// <exception cref="CommandFailure">It is malformed.</exception>
    public static ImportOptions Of(CommandCall call)
    {
        var system = call.Words[0];
        var mergeBy = List(call.Value("--merge-by"));
        var without = List(call.Value("--without"));
        Currency? currency = null;
        var why =
            !Systems.Contains(system, StringComparer.Ordinal) ? $"'{system}' is none of {string.Join(", ", Systems)}"
            : call.Value("--from") is null ? "say --from FILE"
            : mergeBy.Concat(without).Except(Kinds, StringComparer.Ordinal).FirstOrDefault() is { } odd ? $"'{odd}' is none of {string.Join(", ", Kinds)}"
            : call.Value("--currency") is { } code && !Money.Currency.TryParse(code, out currency) ? $"there is no currency '{code}'"
            : call.Value("--source") is { } source && !IsName(source) ? "--source takes 1 to 40 of a-z, 0-9 and -"
            : "";
        return why.Length > 0
            ? throw new CommandFailure(why + "; see ./florin import --help", Commands.Misused)
            : new ImportOptions(system, call.Value("--from")!)
            {
                DryRun = call.Has("--dry-run"),
                Source = call.Value("--source") ?? system,
                MergeBy = mergeBy,
                Without = without,
                Currency = currency,
                TrustAddresses = call.Has("--trust-addresses"),
            };
    }

    private static string[] List(string? given) => (given ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsName(string text) => text.Length is > 0 and <= 40 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-');
}
