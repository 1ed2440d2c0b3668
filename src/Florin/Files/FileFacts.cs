using System.Security.Cryptography;
using Florin.Files.Counting;

namespace Florin.Files;

/// <summary>
/// Says of any file what it is: its SHA-256, computed anew from what the storage holds and compared with what arrived, its size, and its format by content.
/// </summary>
internal sealed class FileFacts : IFileWork
{
    public string Name => "file_facts";

    public string Title => "Fingerprint";

    public string Takes => "Any file.";

    public bool Accepts(FileKind kind) => true;

    public async Task<object> DoAsync(UploadedFile file, Stream content, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        var length = await content.ReadAtLeastAsync(buffer, FileHead.Length, throwOnEndOfStream: false, cancel);
        var format = FormatOf(buffer.AsSpan(0, Math.Min(length, FileHead.Length)), length < FileHead.Length);
        long size = 0;
        while (length > 0)
        {
            hash.AppendData(buffer, 0, length);
            size += length;
            length = await content.ReadAsync(buffer, cancel);
        }

        var found = hash.GetHashAndReset();
        return size == file.Size && CryptographicOperations.FixedTimeEquals(found, file.Sha256)
            ? new Result(Convert.ToHexStringLower(found), size, format, Path.GetExtension(file.Filename).TrimStart('.').ToLowerInvariant())
            : throw new FileFault("content_lost");
    }

    private static string FormatOf(ReadOnlySpan<byte> head, bool whole) =>
        FileHead.TypeOf(head) ?? (FileHead.KindOf(head, whole) is FileKind.Text ? "text" : "unknown");

    /// <summary>What was found.</summary>
    /// <param name="Sha256">Hexadecimal.</param>
    /// <param name="Size">Bytes.</param>
    /// <param name="Format">By content: <c>text</c>, <c>zip</c>, <c>png</c>, <c>pdf</c>, <c>exe</c> …, <c>unknown</c>.</param>
    /// <param name="Extension">As it was named, lower case; may be empty and may lie.</param>
    internal sealed record Result(string Sha256, long Size, string Format, string Extension);
}
