using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>One picture at a time, and few that wait: an engine that is asked in turn takes its 3 seconds for one picture and not for a queue of them.</summary>
internal sealed class FaceEngineQueue(FaceEngineSettings settings) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private int waiting;

    /// <summary>Waits for the turn; dispose of the result to end it.</summary>
    /// <exception cref="Refusal"><c>face_busy</c>: too many wait, or for too long.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancel)
    {
        if (Interlocked.Increment(ref waiting) > settings.Waiting)
        {
            Interlocked.Decrement(ref waiting);
            throw Busy();
        }

        FaceEngineMetrics.Waiting.Add(1);
        var entered = false;
        try
        {
            entered = await turn.WaitAsync(settings.PictureTime, cancel);
            return entered ? new Turn(this) : throw Busy();
        }
        finally
        {
            if (!entered)
            {
                Leave();
            }
        }
    }

    /// <summary>Waits until the picture that is looked at now is done.</summary>
    public async Task IdleAsync()
    {
        await turn.WaitAsync();
        turn.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private static Refusal Busy() => new(BiometricsEngineRefusals.Busy) { RetryAfterSeconds = 1 };

    private void Leave()
    {
        Interlocked.Decrement(ref waiting);
        FaceEngineMetrics.Waiting.Add(-1);
    }

    private sealed class Turn(FaceEngineQueue queue) : IDisposable
    {
        private int ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref ended, 1) == 0)
            {
                queue.turn.Release();
                queue.Leave();
            }
        }
    }
}
