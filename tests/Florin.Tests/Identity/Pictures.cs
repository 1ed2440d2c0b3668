using System.Buffers.Binary;

namespace Florin.Tests.Identity;

/// <summary>Small pictures, good and hostile, made by hand.</summary>
internal static class Pictures
{
    public static byte[] Png(uint width = 3, uint height = 2) =>
        [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR", [.. Big(width), .. Big(height), 8, 2, 0, 0, 0]), .. Chunk("IDAT", [1, 2, 3, 4]), .. Chunk("IEND", [])];

    /// <summary>SOI, a comment, SOF0 (or SOF2), SOS with stuffed bytes and a restart marker, EOI.</summary>
    public static byte[] Jpeg(ushort width = 3, ushort height = 2, string comment = "", byte sof = 0xc0) =>
        [
            0xff,
            0xd8,
            .. Segment(0xfe, System.Text.Encoding.ASCII.GetBytes(comment)),
            .. Segment(0xc4, [0, 1, 2]),
            .. Segment(sof, [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0]),
            .. Segment(0xda, [1, 1, 0, 0, 63, 0]),
            0x12,
            0xff,
            0x00,
            0x34,
            0xff,
            0xd3,
            0x56,
            0xff,
            0xd9,
        ];

    public static byte[] WebPExtended(int width = 3, int height = 2) =>
        Riff("VP8X", [0, 0, 0, 0, .. Little(width - 1)[..3], .. Little(height - 1)[..3], .. new byte[10]]);

    public static byte[] WebPLossless(int width = 3, int height = 2) => Riff("VP8L", [0x2f, .. Little((width - 1) | ((height - 1) << 14)), .. new byte[15]]);

    public static byte[] WebPLossy(int width = 3, int height = 2) =>
        Riff("VP8 ", [0x50, 0, 0, 0x9d, 0x01, 0x2a, .. Little(width)[..2], .. Little(height)[..2], .. new byte[10]]);

    private static byte[] Riff(string type, byte[] data) =>
        [.. "RIFF"u8, .. Little(12 + data.Length), .. "WEBP"u8, .. System.Text.Encoding.ASCII.GetBytes(type), .. Little(data.Length), .. data];

    // The checksum is not looked at: nothing is decoded.
    private static byte[] Chunk(string type, byte[] data) => [.. Big((uint)data.Length), .. System.Text.Encoding.ASCII.GetBytes(type), .. data, 0, 0, 0, 0];

    private static byte[] Segment(byte marker, byte[] data) => [0xff, marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];

    private static byte[] Big(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Little(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
