namespace Florin.Tests.Architecture;

/// <summary>The list of what breaks a house rule and is known to. It may only shrink: a new offender fails, and so does a line that no longer offends.</summary>
internal static class KnownOffenders
{
    private const string ListFile = "tests/Florin.Tests/Architecture/known-offenders.txt";

    /// <summary>Fails where there is any, and shows them all.</summary>
    public static void None(IEnumerable<string> offenders)
    {
        var found = offenders.ToList();
        Assert.True(found.Count == 0, "\n" + string.Join('\n', found));
    }

    /// <summary>Fails where the offenders of a rule are not exactly those in the list.</summary>
    /// <param name="rule">The first word of the rule's lines.</param>
    /// <param name="offenders">What was found, without line numbers.</param>
    public static void Compare(string rule, IEnumerable<string> offenders)
    {
        var found = offenders.Select(offender => $"{rule}: {offender}").ToHashSet(StringComparer.Ordinal);
        var listed = Sources
            .Read(ListFile)
            .Split('\n')
            .Where(line => line.StartsWith(rule + ":", StringComparison.Ordinal))
            .Select(line => line.Trim())
            .ToHashSet(StringComparer.Ordinal);
        var fresh = found.Except(listed, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var mended = listed.Except(found, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        Assert.True(fresh.Count == 0, "Breaks a house rule (see CONTRIBUTING.md):\n" + string.Join('\n', fresh));
        Assert.True(mended.Count == 0, $"No longer offends; take these lines out of {ListFile}:\n" + string.Join('\n', mended));
    }
}
