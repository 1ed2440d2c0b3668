using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>A template as it is compared.</summary>
/// <param name="Vector">The average of its photos.</param>
/// <param name="Photos">How many.</param>
/// <param name="ModelId">What made it.</param>
internal sealed record FaceTemplate(IReadOnlyList<float> Vector, int Photos, string ModelId);

/// <summary>What became of a comparison.</summary>
/// <param name="Refusal">Why not; null where the face is accepted.</param>
/// <param name="Detail">Which picture is to blame, where it is one.</param>
internal sealed record FaceVerdict(RefusalCode? Refusal, string? Detail = null)
{
    /// <summary>The cosine between the average of the frontal frames and the template.</summary>
    public double? Score { get; init; }

    /// <summary>What it had to reach.</summary>
    public double? Threshold { get; init; }

    /// <summary>The smallest turn the asked way, in degrees.</summary>
    public double? Turn { get; init; }

    /// <summary>How far the landmarks of the turned views are from those of a flat thing, in parts of the eye distance.</summary>
    public double? Relief { get; init; }

    /// <summary>Whether it is one of the wrong tries in a row: what somebody else's face, a copy or a flat picture gives.</summary>
    public bool Counts =>
        Refusal == BiometricsRefusals.Mismatch
        || Refusal == BiometricsRefusals.FramesDiffer
        || Refusal == BiometricsRefusals.Flat
        || Refusal == BiometricsRefusals.Replay;
}

/// <summary>
/// Decides on what the engine saw: whether the pictures are good, new, turned as asked, of something with depth, of one person, and of the payer. Pure.
/// It stops flat pictures that are moved about; it does not stop a film of the payer that happens to turn the same way, a mask, or pictures that never
/// were before a camera.
/// </summary>
internal static class FaceDecision
{
    /// <summary>The least turn of the head, in degrees.</summary>
    public const double LeastTurn = 12;

    /// <summary>The most that two frontal frames may differ in turn, in degrees.</summary>
    public const double MostFrontalSpread = 10;

    /// <summary>The most that a frontal frame may be turned away from the camera, in degrees.</summary>
    public const double MostFrontalTurn = 20;

    /// <summary>The least distance of landmarks from one plane, in parts of the eye distance.</summary>
    public const double LeastRelief = 0.04;

    /// <summary>How alike all frames are that show one person.</summary>
    public const double SamePerson = 0.93;

    /// <summary>Above this two pictures are one.</summary>
    public const double SamePicture = 0.9995;

    /// <summary>Decides on the frames of a challenge.</summary>
    /// <param name="template">The payer's.</param>
    /// <param name="steps">What was asked for.</param>
    /// <param name="frames">One frame a step.</param>
    /// <param name="thresholds">How alike the faces must be.</param>
    public static FaceVerdict OfChallenge(
        FaceTemplate template,
        IReadOnlyList<HeadTurn> steps,
        IReadOnlyList<FaceDescription> frames,
        FaceThresholds thresholds
    )
    {
        if (Unusable(template, frames) is { } unusable)
        {
            return unusable;
        }

        var faces = frames.Select(frame => frame.Faces[0]).ToList();
        var front = faces.Where((_, i) => steps[i] is HeadTurn.Front).ToList();
        var score = FaceVectors.Cosine(FaceVectors.Average([.. front.Select(face => face.Embedding)]), template.Vector);
        var threshold = thresholds.Of(template.Photos, front.Count);
        var turn = LeastTurnOf(steps, faces);
        var relief = ReliefOf(steps, faces);
        var refusal =
            AreCopies(template, faces) ? BiometricsRefusals.Replay
            : OfGeometry(steps, faces) is { } flat ? flat
            : !AreOnePerson(faces) ? BiometricsRefusals.FramesDiffer
            : !(score >= threshold) ? BiometricsRefusals.Mismatch
            : null;
        return new FaceVerdict(refusal)
        {
            Score = score,
            Threshold = threshold,
            Turn = double.IsFinite(turn) ? turn : null,
            Relief = double.IsFinite(relief) ? relief : null,
        };
    }

    /// <summary>Decides on one picture without a challenge, which a photo passes: for low amounts only.</summary>
    public static FaceVerdict OfSingle(FaceTemplate template, FaceDescription frame, FaceThresholds thresholds)
    {
        if (Unusable(template, [frame]) is { } unusable)
        {
            return unusable;
        }

        var score = FaceVectors.Cosine(frame.Faces[0].Embedding, template.Vector);
        var threshold = thresholds.Of(template.Photos, 1);
        var refusal =
            AreCopies(template, [frame.Faces[0]]) ? BiometricsRefusals.Replay
            : !(score >= threshold) ? BiometricsRefusals.Mismatch
            : null;
        return new FaceVerdict(refusal) { Score = score, Threshold = threshold };
    }

    /// <summary>Decides whether photos can become a template: each good, all of one person, none a copy of another.</summary>
    public static FaceVerdict OfEnrolment(IReadOnlyList<FaceDescription> photos)
    {
        for (var i = 0; i < photos.Count; i++)
        {
            if (FaceQualityRules.FaultToEnrol(photos[i]) is { } fault)
            {
                return new FaceVerdict(fault, Which(i, photos.Count));
            }
        }

        var faces = photos.Select(photo => photo.Faces[0]).ToList();
        return new FaceVerdict(
            Pairs(faces).Any(alike => alike > SamePicture) ? BiometricsRefusals.Replay
            : !AreOnePerson(faces) ? BiometricsRefusals.FramesDiffer
            : null
        );
    }

    /// <summary>Turn and depth alone; null where both are as asked.</summary>
    internal static RefusalCode? OfGeometry(IReadOnlyList<HeadTurn> steps, IReadOnlyList<DescribedFace> faces) =>
        !IsFrontal([.. faces.Where((_, i) => steps[i] is HeadTurn.Front)]) || !(LeastTurnOf(steps, faces) >= LeastTurn) ? BiometricsRefusals.TurnedWrongWay
        : !(ReliefOf(steps, faces) >= LeastRelief) ? BiometricsRefusals.Flat
        : null;

    /// <summary>How far each turned view is from a flat copy of the frontal one: the mean over them, each against the frontal frame that fits it best.</summary>
    internal static double ReliefOf(IReadOnlyList<HeadTurn> steps, IReadOnlyList<DescribedFace> faces)
    {
        var turned = faces.Where((_, i) => steps[i] is not HeadTurn.Front).ToList();
        var front = faces.Where((_, i) => steps[i] is HeadTurn.Front).ToList();
        return turned.Count == 0 ? 0 : turned.Average(view => front.Min(straight => FaceRelief.Between(view, straight)));
    }

    /// <summary>The smallest turn the asked way against the mean of the frontal frames, in degrees; negative the other way.</summary>
    internal static double LeastTurnOf(IReadOnlyList<HeadTurn> steps, IReadOnlyList<DescribedFace> faces)
    {
        var straight = faces.Where((_, i) => steps[i] is HeadTurn.Front).Average(face => face.Pose.Yaw);
        return faces
            .Select((face, i) => (Turn: face.Pose.Yaw - straight, Step: steps[i]))
            .Where(one => one.Step is not HeadTurn.Front)
            .Min(one => one.Step is HeadTurn.Left ? one.Turn : -one.Turn);
    }

    private static FaceVerdict? Unusable(FaceTemplate template, IReadOnlyList<FaceDescription> frames)
    {
        for (var i = 0; i < frames.Count; i++)
        {
            if (!string.Equals(frames[i].ModelId, template.ModelId, StringComparison.Ordinal))
            {
                return new FaceVerdict(BiometricsRefusals.OtherModel);
            }

            if (FaceQualityRules.Fault(frames[i]) is { } fault)
            {
                return new FaceVerdict(fault, Which(i, frames.Count));
            }
        }

        return null;
    }

    private static string? Which(int index, int count) => count == 1 ? null : $"Picture {index + 1} of {count}.";

    private static bool IsFrontal(List<DescribedFace> front) =>
        front.TrueForAll(face => Math.Abs(face.Pose.Yaw) <= MostFrontalTurn)
        && front.Max(face => face.Pose.Yaw) - front.Min(face => face.Pose.Yaw) <= MostFrontalSpread;

    // Of each other, or of a photo that is the template all by itself.
    private static bool AreCopies(FaceTemplate template, List<DescribedFace> faces) =>
        Pairs(faces).Any(alike => alike > SamePicture) || faces.Exists(face => FaceVectors.Cosine(face.Embedding, template.Vector) > SamePicture);

    private static bool AreOnePerson(List<DescribedFace> faces) => Pairs(faces).All(alike => alike >= SamePerson);

    private static IEnumerable<double> Pairs(List<DescribedFace> faces)
    {
        for (var i = 0; i < faces.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                yield return FaceVectors.Cosine(faces[i].Embedding, faces[j].Embedding);
            }
        }
    }
}
