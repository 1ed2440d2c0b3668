namespace Florin.Tests.Architecture;

/// <summary>
/// Compares what the program is with what a file in the repository says it is. Where they differ the wanted file is written beside the
/// test program, or, with FLORIN_UPDATE=1 in the environment, into the repository.
/// </summary>
internal static class CheckedIn
{
    /// <summary>Fails where the file does not say exactly this.</summary>
    /// <param name="file">Relative to the checkout's root.</param>
    /// <param name="wanted">What it must say, with LF line ends.</param>
    public static void Matches(string file, string wanted)
    {
        var path = Path.Combine(Sources.Root, file);
        var kept = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (string.Equals(kept, wanted, StringComparison.Ordinal))
        {
            return;
        }

        if (Environment.GetEnvironmentVariable("FLORIN_UPDATE") is "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, wanted);
            return;
        }

        var proposal = Path.Combine(AppContext.BaseDirectory, "wanted", file);
        Directory.CreateDirectory(Path.GetDirectoryName(proposal)!);
        File.WriteAllText(proposal, wanted);
        Assert.Fail(
            $"{file} does not say what the program is.\n{Difference(kept, wanted)}\nThe wanted file is {proposal}; run this test with FLORIN_UPDATE=1 to write it into the repository, and read the difference before you commit it."
        );
    }

    private static string Difference(string kept, string wanted)
    {
        var before = kept.Split('\n');
        var after = wanted.Split('\n');
        var gone = before.Except(after, StringComparer.Ordinal).Select(line => "- " + line);
        var fresh = after.Except(before, StringComparer.Ordinal).Select(line => "+ " + line);
        return string.Join('\n', gone.Concat(fresh).Take(40));
    }
}
