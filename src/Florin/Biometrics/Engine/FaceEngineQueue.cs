using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>One picture at a time, and few that wait: an engine that is asked in turn takes its 3 seconds for one picture and not for a queue of them.</summary>
internal sealed class FaceEngineQueue(FaceEngineSettings settings) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private int waiting;
    private int checks;

    /// <summary>Waits for the turn; dispose of the result to end it.</summary>
    /// <exception cref="Refusal"><c>face_busy</c>: too many wait, or for too long.</exception>
    public async Task<IDisposable> EnterAsync(FacePurpose purpose, CancellationToken cancel)
    {
        var check = purpose is FacePurpose.Check;
        if (!TakePlace(check))
        {
            throw Busy();
        }

        var entered = false;
        try
        {
            entered = await turn.WaitAsync(settings.PictureTime, cancel);
            return entered ? new Turn(this, check) : throw Busy();
        }
        finally
        {
            if (!entered)
            {
                Leave(check);
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

    private bool TakePlace(bool check)
    {
        if (check && Interlocked.Increment(ref checks) > settings.WaitingChecks)
        {
            Interlocked.Decrement(ref checks);
            return false;
        }

        FaceEngineMetrics.Waiting.Add(1);
        if (Interlocked.Increment(ref waiting) <= settings.Waiting)
        {
            return true;
        }

        Leave(check);
        return false;
    }

    private void Leave(bool check)
    {
        Interlocked.Decrement(ref waiting);
        FaceEngineMetrics.Waiting.Add(-1);
        if (check)
        {
            Interlocked.Decrement(ref checks);
        }
    }

    private sealed class Turn(FaceEngineQueue queue, bool check) : IDisposable
    {
        private int ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref ended, 1) == 0)
            {
                queue.turn.Release();
                queue.Leave(check);
            }
        }
    }
}
