namespace Florin.Webhooks;

/// <summary>Tells this server's sender that there may be something to send. Other servers look each second.</summary>
internal sealed class DeliverySignal
{
    private TaskCompletionSource pulse = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next wake. Take it before looking, so that no wake is lost between looking and waiting.</summary>
    public Task Next => Volatile.Read(ref pulse).Task;

    /// <summary>Wakes the sender.</summary>
    public void Wake() => Interlocked.Exchange(ref pulse, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
