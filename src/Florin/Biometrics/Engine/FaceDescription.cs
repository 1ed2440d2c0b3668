namespace Florin.Biometrics;

/// <summary>What a picture is described for. The engine answers the same; it may be stricter about one than about the other.</summary>
public enum FacePurpose
{
    /// <summary>To make a template.</summary>
    Enrol,

    /// <summary>To say what to mend before it becomes one: the engine looks as for <see cref="Enrol"/>, and few of these wait.</summary>
    Check,

    /// <summary>To compare with one.</summary>
    Verify,
}

/// <summary>What the engine saw in one picture: numbers only.</summary>
/// <param name="ModelId">Whose embeddings these are. Those of different models must never be compared.</param>
/// <param name="Image">The picture as it was looked at, upright.</param>
/// <param name="FaceCount">How many faces; none is no error.</param>
/// <param name="Faces">Each of them, the largest first.</param>
/// <param name="TimingMs">How long the engine worked, in milliseconds.</param>
public sealed record FaceDescription(string ModelId, FaceImage Image, int FaceCount, IReadOnlyList<DescribedFace> Faces, double TimingMs);

/// <summary>The size of a picture in pixels, after its EXIF orientation was followed.</summary>
public sealed record FaceImage(int Width, int Height);

/// <summary>One face. All places are in pixels of <see cref="FaceDescription.Image"/>, x to the right and y down.</summary>
/// <param name="Box">Where it is.</param>
/// <param name="Score">How sure the detector is, 0 to 1.</param>
/// <param name="Pose">How the head is turned.</param>
/// <param name="Quality">Whether it is good enough.</param>
/// <param name="Spoof">What the packaged anti-spoof models say; null where they did not run. They are at chance: for the record only.</param>
/// <param name="Points">Landmarks, always the same ones in the same order (<c>engines/face/README.md</c> lists them).</param>
/// <param name="Embedding">The vector, of Euclidean length 1: the dot product of two is their cosine similarity.</param>
public sealed record DescribedFace(
    FaceBox Box,
    double Score,
    FacePose Pose,
    FaceQuality Quality,
    FaceSpoof? Spoof,
    IReadOnlyList<FacePoint> Points,
    IReadOnlyList<float> Embedding
);

/// <summary>An upright rectangle.</summary>
public sealed record FaceBox(double X, double Y, double Width, double Height);

/// <summary>
/// How the head is turned, in degrees. <paramref name="Yaw"/>: positive where the nose points to the right edge of the picture, which is the person's
/// own left in a picture that is not mirrored. <paramref name="Pitch"/>: positive where it points down. <paramref name="Roll"/>: positive where the
/// head is tilted clockwise in the picture.
/// </summary>
public sealed record FacePose(double Yaw, double Pitch, double Roll);

/// <summary>Whether a face is good enough.</summary>
/// <param name="FacePx">The side of the face's box in pixels; below 80 is too small.</param>
/// <param name="Sharpness">The variance of the Laplacian over the crop that the network sees; a blurred face has less.</param>
/// <param name="Brightness">The mean luma of the crop, 0 to 255.</param>
/// <param name="Ok">Whether <paramref name="Reasons"/> is empty.</param>
/// <param name="Reasons"><c>too_small</c>, <c>too_dark</c>, <c>too_bright</c>, <c>blurred</c>, <c>cut_off</c>: what to mend.</param>
public sealed record FaceQuality(double FacePx, double Sharpness, double Brightness, bool Ok, IReadOnlyList<string> Reasons);

/// <summary>Scores of anti-spoof models, 0 to 1. <paramref name="Trusted"/> is false: nothing may be decided with them.</summary>
public sealed record FaceSpoof(double? Real, double? Live, bool Trusted);

/// <summary>A landmark by its number in the mesh of 468 points of MediaPipe.</summary>
public sealed record FacePoint(int Id, double X, double Y);
