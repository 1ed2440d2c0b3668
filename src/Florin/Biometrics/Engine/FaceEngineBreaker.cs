namespace Florin.Biometrics;

/// <summary>
/// How long an engine that failed is left alone: the first three times not at all, then a quarter of a second, twice as long each time, half a minute at most.
/// One that has lived for ten seconds is forgiven everything: a start costs a second of one core, and shops wait for it.
/// </summary>
internal sealed class FaceEngineBreaker(TimeProvider clock)
{
    private const int AtOnce = 3;
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Forgiven = TimeSpan.FromSeconds(10);
    private int failures;
    private long begun;

    /// <summary>The pause before the next start.</summary>
    public TimeSpan Pause => failures <= AtOnce ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(Most.Ticks, First.Ticks << Math.Min(failures - AtOnce - 1, 20)));

    /// <summary>An engine begins to serve.</summary>
    public void Begin() => begun = clock.GetTimestamp();

    /// <summary>It failed, or did not even start.</summary>
    /// <param name="served">Whether it had begun.</param>
    public void Fail(bool served) => failures = served && clock.GetElapsedTime(begun) > Forgiven ? 1 : failures + 1;
}
