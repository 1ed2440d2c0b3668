using System.Threading.Channels;
using Florin.Platform;

namespace Florin.Ledger;

/// <summary>The bounded queue between handlers and the one writer of this process.</summary>
public sealed class LedgerQueue(Settings settings)
{
    private readonly Channel<PendingCommit> channel = Channel.CreateBounded<PendingCommit>(
        new BoundedChannelOptions(settings.QueueLimit) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
    );

    internal ChannelReader<PendingCommit> Reader => channel.Reader;

    internal Task<LedgerReceipt> Enqueue(LedgerCommit commit)
    {
        var pending = new PendingCommit(commit);
        return channel.Writer.TryWrite(pending) ? pending.Task : throw LedgerRefusals.Busy.With();
    }

    internal void Close() => channel.Writer.TryComplete();
}

/// <summary>A commit and whoever waits for it.</summary>
internal sealed class PendingCommit(LedgerCommit commit)
{
    private readonly TaskCompletionSource<LedgerReceipt> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LedgerCommit Commit => commit;

    public Task<LedgerReceipt> Task => completion.Task;

    public void Accept(LedgerReceipt receipt) => completion.TrySetResult(receipt);

    public void Refuse(Exception reason) => completion.TrySetException(reason);
}
