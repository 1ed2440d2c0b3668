using System.Buffers.Binary;
using System.Text.Json;

namespace Florin.Tests.Biometrics;

/// <summary>
/// What a <see cref="StandInEngine"/> is to see in a picture. <see cref="ToPng"/> makes the picture: a PNG by its header and its chunks (with the size that
/// is told here) that carries this script, so that it passes whatever looks at headers. No real engine can decode it.
/// </summary>
public sealed record ScriptedPicture
{
    /// <summary>Who is in it. Vectors of one person have a cosine of about <see cref="Likeness"/> squared, those of two people of about 0.8.</summary>
    public string Person { get; init; } = "anna";

    /// <summary>The cosine of this picture's vector with the person's own ideal one; 1 for exactly that one.</summary>
    public double Likeness { get; init; } = 0.992;

    /// <summary>Another number, another picture: other bytes and another vector of the same <see cref="Likeness"/>. Equal scripts are equal bytes.</summary>
    public int Take { get; init; }

    /// <summary>How far the head is turned, in degrees; positive to the right edge of the picture.</summary>
    public double Yaw { get; init; }

    /// <summary>Degrees; positive is down.</summary>
    public double Pitch { get; init; }

    /// <summary>A photo of the person is held up and turned by <see cref="Yaw"/>, instead of a head: all its points lie in one plane.</summary>
    public bool Flat { get; init; }

    /// <summary>How many faces; the others are other people.</summary>
    public int Faces { get; init; } = 1;

    /// <summary>The side of the face in pixels; its eyes are 0.4 of it apart.</summary>
    public double FacePx { get; init; } = 250;

    /// <summary>Mean luma, 0 to 255.</summary>
    public double Brightness { get; init; } = 130;

    /// <summary>Variance of the Laplacian.</summary>
    public double Sharpness { get; init; } = 100;

    /// <summary>What is wrong with it, such as <c>too_dark</c>.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>Size of the picture in pixels.</summary>
    public int Width { get; init; } = 640;

    /// <summary>Size of the picture in pixels.</summary>
    public int Height { get; init; } = 480;

    /// <summary>How long the engine looks at it; beyond 3000 the server gives up on the engine.</summary>
    public int DelayMs { get; init; }

    /// <summary>The engine breaks the connection instead of answering.</summary>
    public bool Crash { get; init; }

    /// <summary>The engine answers with this status instead, such as 422 or 429; 0 for a description.</summary>
    public int Status { get; init; }

    /// <summary>The picture.</summary>
    public byte[] ToPng()
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        header[8] = 8; // bits
        header[9] = 2; // RGB
        byte[] signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
        return
        [
            .. signature,
            .. Chunk("IHDR", header),
            .. Chunk("flRn", JsonSerializer.SerializeToUtf8Bytes(this)),
            .. Chunk("IDAT", []),
            .. Chunk("IEND", []),
        ];
    }

    /// <summary>The script in a picture; null where it is none of ours.</summary>
    public static ScriptedPicture? Read(ReadOnlySpan<byte> picture)
    {
        var at = picture.IndexOf("flRn"u8);
        if (at < 4)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(picture[(at - 4)..]);
        return length <= picture.Length - at - 4 ? JsonSerializer.Deserialize<ScriptedPicture>(picture.Slice(at + 4, length)) : null;
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        System.Text.Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
            }
        }

        return ~crc;
    }
}
