using System.Diagnostics;
using System.Globalization;

namespace Florin.Bench;

/// <summary>A folder of pictures with a <c>pairs.csv</c>: <c>image_a,image_b,genuine,set</c>.</summary>
internal sealed class FaceSet(string folder, IReadOnlyList<string> tight, string borders)
{
    private const double Border = 0.35;
    private readonly Dictionary<string, string> bordered = new(StringComparer.Ordinal);

    /// <summary>Two pictures, and whether they show one person.</summary>
    public sealed record Pair(string A, string B, bool Genuine, string Set);

    /// <summary>All pairs.</summary>
    public IReadOnlyList<Pair> Pairs { get; } =
    [
        .. File.ReadLines(Path.Combine(folder, "pairs.csv"))
            .Skip(1)
            .Select(line => line.Split(','))
            .Where(cells => cells.Length >= 4)
            .Select(cells => new Pair(cells[0], cells[1], cells[2].Trim() is "1", cells[3].Trim())),
    ];

    /// <summary>All pictures of the pairs, sorted.</summary>
    public IReadOnlyList<string> Images =>
        field ??= [.. Pairs.SelectMany(pair => new[] { pair.A, pair.B }).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The pictures of each person, by who is paired with whom.</summary>
    public IReadOnlyList<(string Set, IReadOnlyList<string> Images)> People()
    {
        var head = Images.ToDictionary(image => image, image => image, StringComparer.Ordinal);
        string Of(string image)
        {
            while (!string.Equals(head[image], image, StringComparison.Ordinal))
            {
                image = head[image];
            }

            return image;
        }

        foreach (var pair in Pairs.Where(pair => pair.Genuine))
        {
            head[Of(pair.A)] = Of(pair.B);
        }

        var sets = Pairs
            .SelectMany(pair => new[] { (pair.A, pair.Set), (pair.B, pair.Set) })
            .DistinctBy(image => image.Item1)
            .ToDictionary(StringComparer.Ordinal);
        return [.. Images.GroupBy(Of, StringComparer.Ordinal).Select(person => (sets[person.Key], (IReadOnlyList<string>)[.. person]))];
    }

    /// <summary>Adds the border to tight crops, which a detector needs.</summary>
    public async Task PrepareAsync(string engine)
    {
        var sets = Pairs.Where(pair => tight.Contains(pair.Set, StringComparer.Ordinal)).SelectMany(pair => new[] { pair.A, pair.B });
        var files = sets.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0)
        {
            return;
        }

        var script = Path.Combine("bench", "Florin.Bench", "faces-border.mjs"); // bench/run works from the checkout
        string[] arguments = [script, engine, Border.ToString(CultureInfo.InvariantCulture), borders, .. files.Select(PathOf)];
        using var process = Process.Start(new ProcessStartInfo("node", arguments) { UseShellExecute = false })!;
        await process.WaitForExitAsync();
        if (process.ExitCode is not 0)
        {
            throw new InvalidOperationException("the borders could not be made");
        }

        for (var i = 0; i < files.Count; i++)
        {
            bordered[files[i]] = Path.Combine(borders, string.Create(CultureInfo.InvariantCulture, $"{i + 1}.png"));
        }
    }

    /// <summary>The bytes of a picture.</summary>
    public Task<byte[]> ReadAsync(string image) => File.ReadAllBytesAsync(bordered.GetValueOrDefault(image) ?? PathOf(image));

    private string PathOf(string image) => Path.Combine(folder, image);
}
