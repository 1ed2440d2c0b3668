using System.Diagnostics.Metrics;

namespace Florin.Biometrics;

/// <summary>What is counted of the face engine.</summary>
internal static class FaceEngineMetrics
{
    private static readonly Meter Meter = new("Florin.Biometrics.Engine");

    /// <summary>Calls, by <c>outcome</c>: <c>described</c>, or the code of the refusal.</summary>
    public static readonly Counter<long> Calls = Meter.CreateCounter<long>(
        "florin.face_engine.calls",
        description: "Pictures given to the face engine, by outcome."
    );

    /// <summary>How long calls took, waiting included.</summary>
    public static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "florin.face_engine.duration",
        "s",
        "How long pictures took, waiting for their turn included."
    );

    /// <summary>Ends of an engine's process, by <c>reason</c>: <c>exited</c>, <c>timeout</c>, <c>faults</c>, <c>start</c>, <c>recycled</c>.</summary>
    public static readonly Counter<long> Ends = Meter.CreateCounter<long>(
        "florin.face_engine.ends",
        description: "Ends of the face engine's process, by reason."
    );

    /// <summary>Pictures that wait or are looked at now.</summary>
    public static readonly UpDownCounter<long> Waiting = Meter.CreateUpDownCounter<long>(
        "florin.face_engine.waiting",
        description: "Pictures that wait for the face engine or are looked at now."
    );
}
