using Florin.Platform;

namespace Florin.Files;

/// <summary>
/// Works on files on every server that runs jobs: when one comes, and each second in any case, since leases run out without a word. A wake tells of
/// everybody's commits, so it looks at most five times a second.
/// </summary>
internal sealed class FileWorker(
    FileQueue queue,
    FileProcessing processing,
    FileSettings settings,
    OutboxSignal signal,
    TimeProvider clock,
    ILogger<FileWorker> log
) : BackgroundService
{
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(200);

    // Every worker is a round of its own: a fault of ours in one file stops no other.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, settings.Workers).Select(_ => Rounds.RunAsync("files", RoundAsync, clock, log, stoppingToken)));

    private async Task RoundAsync(CancellationToken stopping)
    {
        var next = signal.Next;
        var began = clock.GetTimestamp();
        if (await queue.ClaimAsync(1, stopping) is [{ } file])
        {
            await processing.WorkAsync(file, stopping);
            return;
        }

        await next.Following.WaitAsync(stopping);
        if (Breath - clock.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left, clock, stopping);
        }
    }
}
