using System.Buffers.Binary;

namespace Florin.Platform;

/// <summary>What a picture's own bytes say about it. Read from its headers; nothing is ever decoded.</summary>
/// <param name="ContentType">By content, not by name.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Length">Bytes up to the picture's end; what follows (an archive, a page) belongs to something else and is not kept.</param>
public readonly record struct PictureHeader(string ContentType, int Width, int Height, int Length)
{
    /// <summary>Largest side in pixels.</summary>
    public const int MaxSide = 8000;

    /// <summary>Largest file in bytes: 5 MB.</summary>
    public const int MaxBytes = 5 * 1024 * 1024;

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Reads JPEG, PNG or WebP.</summary>
    /// <exception cref="Refusal"><c>picture_not_readable</c> for anything else or cut short, <c>picture_too_large</c> above the limits</exception>
    public static PictureHeader Read(ReadOnlySpan<byte> file)
    {
        if (file.Length > MaxBytes)
        {
            throw PlatformRefusals.PictureTooLarge.With();
        }

        var header =
            file.StartsWith(PngSignature) ? Png(file)
            : file.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]) ? Jpeg(file)
            : file.StartsWith("RIFF"u8) ? WebP(file)
            : null;
        return header switch
        {
            null or { Width: 0 } or { Height: 0 } => throw PlatformRefusals.PictureNotReadable.With(),
            { Width: > MaxSide } or { Height: > MaxSide } => throw PlatformRefusals.PictureTooLarge.With(),
            _ => header.Value,
        };
    }

    // Chunks of length, type, data, checksum; the first is IHDR, the last IEND (PNG specification §5).
    private static PictureHeader? Png(ReadOnlySpan<byte> file)
    {
        const int around = 12;
        var at = PngSignature.Length;
        if (file.Length < at + around + 13 || !file.Slice(at, 8).SequenceEqual("\0\0\0\rIHDR"u8))
        {
            return null;
        }

        var width = BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8)..]);
        var height = BinaryPrimitives.ReadUInt32BigEndian(file[(at + 12)..]);
        var pixels = false;
        while (at + around <= file.Length)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            var type = file.Slice(at + 4, 4);
            if (size > file.Length - at - around)
            {
                return null;
            }

            at += around + (int)size;
            pixels |= type.SequenceEqual("IDAT"u8);
            if (type.SequenceEqual("IEND"u8))
            {
                return pixels ? new PictureHeader("image/png", Side(width), Side(height), at) : null;
            }
        }

        return null;
    }

    // Marker segments up to SOS, then scans in which ff is followed by 00 or a restart marker, up to EOI (ITU T.81 annex B).
    private static PictureHeader? Jpeg(ReadOnlySpan<byte> file)
    {
        int width = 0,
            height = 0,
            at = 2;
        var scanned = false;
        while (at + 2 <= file.Length)
        {
            if (file[at] != 0xff)
            {
                return null;
            }

            var marker = file[at + 1];
            if (marker == 0xff)
            {
                at++; // fill byte
                continue;
            }

            if (marker == 0xd9)
            {
                return scanned ? new PictureHeader("image/jpeg", width, height, at + 2) : null;
            }

            if (at + 4 > file.Length)
            {
                return null;
            }

            var size = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (size < 2 || at + 2 + size > file.Length)
            {
                return null;
            }

            // SOF0…SOF15, which 0xc4 (DHT), 0xc8 (JPG) and 0xcc (DAC) are not.
            if (marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc) && size >= 8)
            {
                height = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..]);
                width = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 7)..]);
            }

            at += 2 + size;
            if (marker == 0xda)
            {
                scanned = true;
                at = EndOfScan(file, at);
            }
        }

        return null;
    }

    private static int EndOfScan(ReadOnlySpan<byte> file, int at)
    {
        while (at + 1 < file.Length && (file[at] != 0xff || file[at + 1] is 0x00 or 0xff or (>= 0xd0 and <= 0xd7)))
        {
            at++;
        }

        return at;
    }

    // RIFF with one WEBP form; its first chunk holds the size (RFC 9649 §2).
    private static PictureHeader? WebP(ReadOnlySpan<byte> file)
    {
        if (file.Length < 30 || !file.Slice(8, 4).SequenceEqual("WEBP"u8))
        {
            return null;
        }

        var riff = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        var chunk = BinaryPrimitives.ReadUInt32LittleEndian(file[16..]);
        if (riff > file.Length - 8 || riff < 22 || chunk > riff - 12)
        {
            return null;
        }

        var type = file.Slice(12, 4);
        var data = file[20..];
        var length = (int)riff + 8;
        if (type.SequenceEqual("VP8X"u8))
        {
            return new PictureHeader("image/webp", 1 + UInt24(data[4..]), 1 + UInt24(data[7..]), length);
        }

        if (type.SequenceEqual("VP8L"u8) && data[0] == 0x2f)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
            return new PictureHeader("image/webp", 1 + (int)(bits & 0x3fff), 1 + (int)((bits >> 14) & 0x3fff), length);
        }

        return type.SequenceEqual("VP8 "u8) && data.Slice(3, 3).SequenceEqual((ReadOnlySpan<byte>)[0x9d, 0x01, 0x2a])
            ? new PictureHeader(
                "image/webp",
                BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3fff,
                BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3fff,
                length
            )
            : null;
    }

    private static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);

    private static int Side(uint value) => (int)Math.Min(value, int.MaxValue);
}
