namespace Florin.Platform;

/// <summary>
/// Gives memory back to the machine when a load is over, and its own start counts as one: the collector by itself keeps the room that a thousand
/// connections took until it is needed again, which may be hours away. Once a load, and only when there is nearly nothing to do, since everything stands
/// still meanwhile (some 50 ms).
/// </summary>
internal sealed partial class MemoryAfterLoad(TimeProvider clock, ILogger<MemoryAfterLoad> log) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    // Bytes allocated between two looks. A transfer takes 20,000.
    private const long Load = 64L << 20;
    private const long Quiet = 8L << 20;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, clock);
        var loaded = true;
        var before = GC.GetTotalAllocatedBytes();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = GC.GetTotalAllocatedBytes();
            var allocated = now - before;
            before = now;
            if (allocated > Load)
            {
                loaded = true;
            }
            else if (loaded && allocated < Quiet)
            {
                loaded = false;
                GiveBack();
            }
        }
    }

    private void GiveBack()
    {
        var resident = Environment.WorkingSet;
        var began = clock.GetTimestamp();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        LogGivenBack((resident - Environment.WorkingSet) >> 20, Environment.WorkingSet >> 20, clock.GetElapsedTime(began).TotalMilliseconds);
    }

    [LoggerMessage(LogLevel.Information, "The load is over: {Freed} MB of memory given back in {Milliseconds:F0} ms, {Resident} MB resident")]
    private partial void LogGivenBack(long freed, long resident, double milliseconds);
}
