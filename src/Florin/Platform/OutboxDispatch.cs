namespace Florin.Platform;

/// <summary>Runs every registered consumer on this server; the cursors' leases see to it that each works on one server at a time.</summary>
internal sealed class OutboxDispatch(
    IEnumerable<OutboxConsumer> consumers,
    OutboxTail tail,
    OutboxCursors cursors,
    OutboxParked parked,
    OutboxSignal signal,
    IServiceProvider services,
    TimeProvider clock,
    ILogger<OutboxDispatch> log
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Task.WhenAll(consumers.Select(consumer => WorkAsync(consumer, stoppingToken)));

    private async Task WorkAsync(OutboxConsumer consumer, CancellationToken stopping)
    {
        var added = false;
        await Rounds.RunAsync(
            consumer.Name,
            async cancel =>
            {
                if (!added)
                {
                    await cursors.AddAsync(consumer, cancel);
                    added = true;
                }

                await new OutboxWorker(consumer, tail, cursors, parked, signal, services, clock, log).RunAsync(cancel);
            },
            clock,
            log,
            stopping
        );
    }
}
