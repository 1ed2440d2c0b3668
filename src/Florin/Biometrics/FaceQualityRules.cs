using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>What a picture must be before its face is compared with anything. The engine measures; this decides.</summary>
internal static class FaceQualityRules
{
    /// <summary>The least side of a face's box, in pixels.</summary>
    public const double LeastPixels = 80;

    /// <summary>The most that the head may be turned or nod in a photo that enrols, in degrees.</summary>
    public const double MostTurnToEnrol = 25;

    // Another face counts from a third of the payer's size on: whoever passes far behind is nobody's concern.
    private const double CountsFrom = 1.0 / 3;

    private static readonly Dictionary<string, RefusalCode> Reasons = new(StringComparer.Ordinal)
    {
        ["too_small"] = BiometricsRefusals.TooSmall,
        ["too_dark"] = BiometricsRefusals.TooDark,
        ["too_bright"] = BiometricsRefusals.TooBright,
        ["blurred"] = BiometricsRefusals.Blurred,
        ["cut_off"] = BiometricsRefusals.CutOff,
    };

    /// <summary>Why the picture is not good enough; null where it is.</summary>
    public static RefusalCode? Fault(FaceDescription picture)
    {
        if (picture.Faces is not [{ } face, ..])
        {
            return BiometricsRefusals.NoFace;
        }

        if (picture.Faces.Skip(1).Any(other => SideOf(other) >= CountsFrom * SideOf(face)))
        {
            return BiometricsRefusals.TwoFaces;
        }

        // What the engine does not count as good, for whatever reason, is not.
        return face.Quality.FacePx < LeastPixels ? BiometricsRefusals.TooSmall
            : face.Quality.Ok ? null
            : face.Quality.Reasons.Select(reason => Reasons.GetValueOrDefault(reason)).FirstOrDefault(known => known is not null) ?? BiometricsRefusals.Blurred;
    }

    /// <summary>Why the picture cannot become part of a template; null where it can.</summary>
    public static RefusalCode? FaultToEnrol(FaceDescription picture) =>
        Fault(picture) is { } fault ? fault
        : Math.Abs(picture.Faces[0].Pose.Yaw) > MostTurnToEnrol || Math.Abs(picture.Faces[0].Pose.Pitch) > MostTurnToEnrol ? BiometricsRefusals.NotFrontal
        : null;

    private static double SideOf(DescribedFace face) => Math.Max(face.Box.Width, face.Box.Height);
}
