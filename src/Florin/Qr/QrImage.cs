using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Florin.Platform;
using Microsoft.Net.Http.Headers;
using QRCoder;

namespace Florin.Qr;

/// <summary>
/// A QR code with error correction M as an image. A PNG has exactly the size that was asked for: each module is the same whole number of pixels, and what is
/// left over is margin.
/// </summary>
internal static class QrImage
{
    /// <summary>The white that the standard wants around it, in modules.</summary>
    public const int UsualMargin = 4;

    private const int Smallest = 100;
    private const int Largest = 2000;
    private const int WidestMargin = 10;
    private const int LibraryMargin = 4; // what the library has drawn around already

    /// <summary>The image as an answer that the payer's or merchant's browser may keep for a day.</summary>
    /// <param name="http">The request.</param>
    /// <param name="payload">What stands in the code; ASCII.</param>
    /// <param name="format"><c>png</c> or <c>svg</c>; null for PNG.</param>
    /// <param name="size">The side in pixels, 100 to 2,000.</param>
    /// <param name="margin">White around it in modules, 0 to 10; null for 4.</param>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static IResult Answer(HttpContext http, string payload, string? format, int size, int? margin)
    {
        if (size is < Smallest or > Largest)
        {
            throw PlatformRefusals.InvalidRequest.Field("size", $"must be from {Smallest} to {Largest} pixels");
        }

        if (margin is < 0 or > WidestMargin)
        {
            throw PlatformRefusals.InvalidRequest.Field("margin", $"must be from 0 to {WidestMargin} modules");
        }

        var (bytes, type) = format switch
        {
            null or "png" => (Png(payload, size, margin ?? UsualMargin), "image/png"),
            "svg" => (Encoding.ASCII.GetBytes(Svg(payload, size, margin ?? UsualMargin)), "image/svg+xml"),
            _ => throw PlatformRefusals.InvalidRequest.Field("format", "must be png or svg"),
        };
        http.Response.Headers.CacheControl = "private, max-age=86400";
        var tag = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16));
        return Results.Bytes(bytes, type, entityTag: new EntityTagHeaderValue($"\"{tag}\""));
    }

    /// <summary>A PNG (ISO/IEC 15948) of one bit a pixel.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c> where a module would be less than a pixel</exception>
    internal static byte[] Png(string payload, int size, int margin)
    {
        var modules = Modules(payload);
        var scale = size / (modules.Length + (2 * margin));
        if (scale == 0)
        {
            throw PlatformRefusals.InvalidRequest.Field("size", $"must be at least {modules.Length + (2 * margin)} pixels for this code");
        }

        var start = (size - (scale * modules.Length)) / 2;
        using var pixels = new MemoryStream();
        using (var packed = new ZLibStream(pixels, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var row = new byte[1 + ((size + 7) / 8)]; // the first byte says that the row is not filtered
            var drawn = -1;
            for (var y = 0; y < size; y++)
            {
                var line = y < start ? modules.Length : (y - start) / scale;
                if (line != drawn)
                {
                    Draw(row, line < modules.Length ? modules[line] : [], start, scale);
                    drawn = line;
                }

                packed.Write(row);
            }
        }

        Span<byte> head = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, size);
        BinaryPrimitives.WriteInt32BigEndian(head[4..], size);
        head[8] = 1; // one bit of grey
        using var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(png, "IHDR"u8, head);
        WriteChunk(png, "IDAT"u8, pixels.ToArray());
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void Draw(byte[] row, bool[] modules, int start, int scale)
    {
        row.AsSpan(1).Fill(0xFF);
        for (var x = 0; x < modules.Length * scale; x++)
        {
            if (modules[x / scale])
            {
                row[1 + ((start + x) / 8)] &= (byte)~(0x80 >> ((start + x) % 8));
            }
        }
    }

    /// <summary>An SVG of one path: a rectangle for each run of dark modules.</summary>
    internal static string Svg(string payload, int size, int margin)
    {
        var modules = Modules(payload);
        var side = modules.Length + (2 * margin);
        var path = new StringBuilder();
        for (var y = 0; y < modules.Length; y++)
        {
            for (var x = 0; x < modules.Length; x++)
            {
                var from = x;
                while (x < modules.Length && modules[y][x])
                {
                    x++;
                }

                if (x > from)
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{from + margin} {y + margin}h{x - from}v1h-{x - from}z");
                }
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/><path d="{path}"/></svg>
            """
        );
    }

    private static bool[][] Modules(string payload)
    {
        using var data = QRCodeGenerator.GenerateQrCode(payload, QRCodeGenerator.ECCLevel.M);
        var drawn = data.ModuleMatrix;
        return [.. drawn[LibraryMargin..^LibraryMargin].Select(row => row.Cast<bool>().Skip(LibraryMargin).SkipLast(LibraryMargin).ToArray())];
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), data));
        png.Write(number);
    }

    // CRC-32 (ISO 3309), bit by bit: an image has a few kilobytes.
    private static uint Crc(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (var one in data)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return crc;
    }
}
