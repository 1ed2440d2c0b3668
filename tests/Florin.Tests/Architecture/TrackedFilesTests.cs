using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Florin.Tests.Architecture;

/// <summary>What must stand in no file of the repository.</summary>
public sealed partial class TrackedFilesTests
{
    private static readonly string[] BinaryEndings =
    [
        ".png",
        ".jpg",
        ".jpeg",
        ".webp",
        ".gif",
        ".ico",
        ".woff",
        ".woff2",
        ".ttf",
        ".docx",
        ".onnx",
        ".wasm",
        ".mjpeg",
        ".y4m",
    ];

    [Fact]
    public void No_file_names_a_folder_of_somebody_s_machine() => KnownOffenders.None(Lines(MachinePath()));

    [Fact]
    public void No_file_puts_work_off() => KnownOffenders.None(Lines(PutOff()));

    [Theory]
    [InlineData("see /wor", "k/main/x", true)]
    [InlineData("/ho", "me/anna/.ssh", true)]
    [InlineData("C:\\Us", "ers\\anna", true)]
    [InlineData("https://example.org/wor", "k/", false)]
    [InlineData("src/wor", "k/x", false)]
    public void A_machine_s_folder_is_caught(string first, string second, bool caught) => Assert.Equal(caught, MachinePath().IsMatch(first + second));

    [Fact]
    public void Work_put_off_is_caught() => Assert.Matches(PutOff(), "// TO" + "DO later");

    private static List<string> Lines(Regex wanted)
    {
        var files = Tracked().ToList();
        Assert.True(files.Count > 50, $"only {files.Count} files were seen");
        return
        [
            .. from file in files
            let lines = File.ReadAllLines(Path.Combine(Sources.Root, file))
            from number in Enumerable.Range(0, lines.Length)
            where wanted.IsMatch(lines[number])
            select $"{file}:{number + 1}: {lines[number].Trim()}",
        ];
    }

    private static IEnumerable<string> Tracked()
    {
        using var git = Process.Start(
            new ProcessStartInfo("git", ["-C", Sources.Root, "ls-files", "--cached", "--others", "--exclude-standard"])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
        var files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        return files.Where(file =>
            File.Exists(Path.Combine(Sources.Root, file))
            && !BinaryEndings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
            && !file.EndsWith("lock.json", StringComparison.Ordinal)
            && !file.EndsWith("package-lock.json", StringComparison.Ordinal)
        );
    }

    [GeneratedRegex(
        @"(?<![\w.:/])/(work/|root/|home/(?!\$)[a-z])|[A-Z]:\\Users\\|(?<![\w.:/])/Users/\w",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\b(TO[D]O|HA[C]K|FIX[M]E)\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PutOff();
}
