using System.Runtime.InteropServices;

namespace Florin.Biometrics;

/// <summary>Arithmetic on what the engine makes of a face: vectors of Euclidean length 1, alike where their cosine is near 1.</summary>
internal static class FaceVectors
{
    /// <summary>The cosine of the angle between two, −1 to 1.</summary>
    /// <exception cref="ArgumentException">Their lengths differ, or one has none.</exception>
    public static double Cosine(IReadOnlyList<float> one, IReadOnlyList<float> other)
    {
        if (one.Count != other.Count || one.Count == 0)
        {
            throw new ArgumentException("vectors of different models", nameof(other));
        }

        double dot = 0;
        double ones = 0;
        double others = 0;
        for (var i = 0; i < one.Count; i++)
        {
            dot += (double)one[i] * other[i];
            ones += (double)one[i] * one[i];
            others += (double)other[i] * other[i];
        }

        // Not a number where a vector is zero or holds what is no number: it is like nothing then.
        var cosine = dot / Math.Sqrt(ones * others);
        return double.IsFinite(cosine) ? cosine : -1;
    }

    /// <summary>The average of several, each brought to length 1 first.</summary>
    public static float[] Average(IReadOnlyList<IReadOnlyList<float>> vectors)
    {
        var sum = new double[vectors[0].Count];
        foreach (var vector in vectors)
        {
            var length = Math.Sqrt(vector.Sum(x => (double)x * x));
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += vector[i] / length;
            }
        }

        var whole = Math.Sqrt(sum.Sum(x => x * x));
        return [.. sum.Select(x => (float)(x / whole))];
    }

    /// <summary>As it is sealed: 4 bytes a number, little-endian.</summary>
    public static byte[] Bytes(ReadOnlySpan<float> vector) => MemoryMarshal.AsBytes(vector).ToArray();

    /// <summary>Reads what <see cref="Bytes"/> wrote.</summary>
    public static float[] Read(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();
}
