using System.Buffers.Binary;

namespace Florin.Files.Counting;

/// <summary>Looks at the end of a ZIP archive before anything reads its directory, which is kept in memory whole.</summary>
internal static class ZipShape
{
    /// <summary>Parts that an archive may have.</summary>
    public const int MostEntries = 10_000;

    private const int MostDirectory = 2 * 1024 * 1024;
    private const int EndLength = 22;
    private const uint EndSignature = 0x06054b50;

    /// <summary>Demands that the archive has an end, and a directory of bounded size before it (APPNOTE 4.3.16).</summary>
    /// <param name="archive">Can seek.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="FileFault"><c>damaged</c>, <c>too_much_inside</c></exception>
    public static async Task DemandAsync(Stream archive, CancellationToken cancel)
    {
        var tail = new byte[Math.Min(archive.Length, EndLength + ushort.MaxValue)];
        archive.Position = archive.Length - tail.Length;
        await archive.ReadExactlyAsync(tail, cancel);
        archive.Position = 0;
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            var end = tail.AsSpan(at);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) == EndSignature)
            {
                Demand(end, archive.Length - tail.Length + at);
                return;
            }
        }

        throw FileFault.Damaged();
    }

    // What lies between the directory's beginning and the end record is all that a reader of the directory can take in.
    private static void Demand(ReadOnlySpan<byte> end, long endAt)
    {
        var entries = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        var begin = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        if (entries == ushort.MaxValue || begin == uint.MaxValue || entries > MostEntries || size > MostDirectory)
        {
            throw FileFault.TooMuch(); // ZIP64 and its kind: no document is so large
        }

        if (begin > endAt)
        {
            throw FileFault.Damaged();
        }

        if (endAt - begin > MostDirectory)
        {
            throw FileFault.TooMuch();
        }
    }
}
