using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>
/// Finger veins, the second modality: a demonstration. There is no sensor and no picture of a real finger behind its figures, and so it authorises nothing;
/// it is off unless <c>FLORIN_VEIN_DEMO</c> says otherwise.
/// </summary>
public sealed class FingerVeins
{
    /// <summary>It is switched off.</summary>
    internal static readonly RefusalCode Off = new("vein_demo_off", 503, "Finger veins are a demonstration that is switched off here.");

    internal FingerVeins(Settings settings) => Enabled = settings.Flag("FLORIN_VEIN_DEMO", false);

    /// <summary>Whether it is switched on.</summary>
    public bool Enabled { get; }

    /// <summary>Compares two pictures of fingers.</summary>
    /// <returns>0 to 0.5, by <see cref="MiuraMatching"/>; pictures of one finger usually score above 0.25.</returns>
    /// <exception cref="Refusal"><c>vein_demo_off</c>.</exception>
    /// <exception cref="ArgumentException">The pictures differ in size.</exception>
    public double Compare(VeinImage enrolled, VeinImage shown) =>
        Enabled ? MiuraMatching.Score(MaximumCurvature.Extract(enrolled), MaximumCurvature.Extract(shown)) : throw Off.With();
}
