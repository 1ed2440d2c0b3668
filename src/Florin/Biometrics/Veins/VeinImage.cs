namespace Florin.Biometrics;

/// <summary>A picture of a finger in near-infrared light, along the finger from left to right: veins are darker than what surrounds them.</summary>
public sealed record VeinImage
{
    /// <summary>A picture.</summary>
    /// <param name="width">In pixels, 32 to 1024.</param>
    /// <param name="height">In pixels, 32 to 1024.</param>
    /// <param name="light">Row by row, 0 (dark) to 1.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together or are out of bounds.</exception>
    public VeinImage(int width, int height, IReadOnlyList<float> light)
    {
        if (width is < 32 or > 1024 || height is < 32 or > 1024 || light.Count != width * height)
        {
            throw new ArgumentException("a picture of 32 to 1024 pixels each way", nameof(light));
        }

        (Width, Height, Light) = (width, height, light);
    }

    /// <summary>In pixels.</summary>
    public int Width { get; }

    /// <summary>In pixels.</summary>
    public int Height { get; }

    /// <summary>Row by row, 0 (dark) to 1.</summary>
    public IReadOnlyList<float> Light { get; }
}

/// <summary>Where veins run: one bit for each pixel.</summary>
public sealed record VeinPattern(int Width, int Height, IReadOnlyList<bool> Veins);
