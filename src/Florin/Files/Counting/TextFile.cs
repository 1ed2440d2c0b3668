using System.Buffers;
using System.Text;

namespace Florin.Files.Counting;

/// <summary>Reads text files: UTF-8, or UTF-16 with a byte order mark or by the look of their beginning.</summary>
internal static class TextFile
{
    private const int Piece = 64 * 1024;
    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding Little = new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly Encoding Big = new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>What a file's beginning is written in, and how long its mark is; null for what is no text.</summary>
    /// <param name="head">The first bytes.</param>
    /// <param name="whole">Whether there are no more.</param>
    public static (Encoding Encoding, int Mark)? Look(ReadOnlySpan<byte> head, bool whole)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            return IsUtf8(head[3..], whole) ? (Utf8, 3) : null;
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
        {
            return (Little, 2);
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return (Big, 2);
        }

        return IsUtf8(head, whole) ? (Utf8, 0)
            : LookForUtf16(head) is { } wide ? (wide, 0)
            : null;
    }

    /// <summary>Measures a text file.</summary>
    /// <param name="content">From its beginning.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="FileFault"><c>not_text</c></exception>
    public static async Task<TextMeter> MeasureAsync(Stream content, CancellationToken cancel)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Piece);
        var characters = ArrayPool<char>.Shared.Rent(Piece + 2);
        try
        {
            var filled = await content.ReadAtLeastAsync(bytes.AsMemory(0, Piece), FileHead.Length, throwOnEndOfStream: false, cancel);
            var (encoding, mark) = Look(bytes.AsSpan(0, Math.Min(filled, FileHead.Length)), filled < FileHead.Length) ?? throw FileFault.NotText();
            var decoder = encoding.GetDecoder();
            var meter = new TextMeter(curly: false);
            for (var from = mark; filled > 0; from = 0)
            {
                meter.Add(characters.AsSpan(0, decoder.GetChars(bytes.AsSpan(from, filled - from), characters, flush: false)));
                filled = await content.ReadAsync(bytes.AsMemory(0, Piece), cancel);
            }

            meter.Add(characters.AsSpan(0, decoder.GetChars([], characters, flush: true)));
            meter.End();
            return meter;
        }
        catch (DecoderFallbackException)
        {
            throw FileFault.NotText();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    // Text has no NUL; the last character may be cut where more follows.
    private static bool IsUtf8(ReadOnlySpan<byte> bytes, bool whole)
    {
        if (bytes.Contains((byte)0))
        {
            return false;
        }

        while (bytes.Length > 0)
        {
            var state = Rune.DecodeFromUtf8(bytes, out _, out var length);
            if (state != OperationStatus.Done)
            {
                return state == OperationStatus.NeedMoreData && !whole;
            }

            bytes = bytes[length..];
        }

        return true;
    }

    // In UTF-16 the spaces and line ends of any script have their zero on one side, and a program's zeros stand on both.
    private static Encoding? LookForUtf16(ReadOnlySpan<byte> bytes)
    {
        var (even, odd) = (0, 0);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == 0)
            {
                (even, odd) = i % 2 == 0 ? (even + 1, odd) : (even, odd + 1);
            }
        }

        var encoding = (even, odd) switch
        {
            (0, > 0) => Little,
            (> 0, 0) => Big,
            _ => null,
        };
        try
        {
            _ = encoding?.GetDecoder().GetCharCount(bytes[..(bytes.Length & ~1)], flush: false);
            return encoding;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
