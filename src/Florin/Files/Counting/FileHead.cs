namespace Florin.Files.Counting;

/// <summary>What a file is, by its content.</summary>
internal enum FileKind
{
    /// <summary>Neither of the others.</summary>
    Other,

    /// <summary>It begins as a text does.</summary>
    Text,

    /// <summary>A ZIP archive; a document of Word is one.</summary>
    Zip,
}

/// <summary>The beginning of a file.</summary>
internal static class FileHead
{
    /// <summary>How many bytes are looked at.</summary>
    public const int Length = 4096;

    // What a file of these kinds begins with.
    private static readonly (byte[] Signature, string Type)[] Known =
    [
        ([0x50, 0x4B, 0x03, 0x04], "zip"),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "png"),
        ([0xFF, 0xD8, 0xFF], "jpeg"),
        ([0x47, 0x49, 0x46, 0x38], "gif"),
        ([0x25, 0x50, 0x44, 0x46, 0x2D], "pdf"),
        ([0x1F, 0x8B], "gzip"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"),
        ([0x52, 0x61, 0x72, 0x21, 0x1A, 0x07], "rar"),
        ([0x7F, 0x45, 0x4C, 0x46], "elf"),
        ([0x4D, 0x5A], "exe"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "ole"),
    ];

    /// <summary>What it is.</summary>
    /// <param name="head">The first bytes, at most <see cref="Length"/>.</param>
    /// <param name="whole">Whether there are no more.</param>
    public static FileKind KindOf(ReadOnlySpan<byte> head, bool whole) =>
        TypeOf(head) is { } type
            ? type is "zip"
                ? FileKind.Zip
                : FileKind.Other
            : TextFile.Look(head, whole) is null
                ? FileKind.Other
                : FileKind.Text;

    /// <summary>The name of a known binary format; null for others.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> head)
    {
        foreach (var (signature, type) in Known)
        {
            // Two letters are too few to tell a program from a text that begins with them: a program has zeros.
            if (head.StartsWith(signature) && (signature.Length > 2 || head.Contains((byte)0)))
            {
                return type;
            }
        }

        return null;
    }
}
