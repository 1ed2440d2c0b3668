using Npgsql;

namespace Florin.Platform;

/// <summary>A wake of the outbox's readers.</summary>
/// <param name="Number">Counts this process's wakes. Who reads the database after a wake sees everything that it was for.</param>
/// <param name="Following">Completes at the next one.</param>
public readonly record struct OutboxWake(long Number, Task Following);

/// <summary>
/// Wakes this process's readers of the outbox: when a commit anywhere sends NOTIFY, each second in any case (a notification may be lost with its
/// connection), and soon again while a running transaction hides rows.
/// </summary>
public sealed partial class OutboxSignal(Settings settings, TimeProvider clock, ILogger<OutboxSignal> log) : BackgroundService
{
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hidden = TimeSpan.FromMilliseconds(20);
    private Pulse pulse = new(0);
    private int lookingAgain;

    /// <summary>The last wake, and the next. Take it before reading, so that no wake is lost between reading and waiting.</summary>
    public OutboxWake Next
    {
        get
        {
            var now = Volatile.Read(ref pulse);
            return new OutboxWake(now.Number, now.Task);
        }
    }

    /// <summary>Wakes all readers of this process.</summary>
    public void Wake()
    {
        Pulse last;
        do
        {
            last = Volatile.Read(ref pulse);
        } while (Interlocked.CompareExchange(ref pulse, new Pulse(last.Number + 1), last) != last);
        last.TrySetResult();
    }

    /// <summary>Wakes all readers in 20 ms: a reader saw that rows are hidden by a running transaction.</summary>
    public void WakeSoon()
    {
        if (Interlocked.Exchange(ref lookingAgain, 1) == 0)
        {
            _ = Task.Delay(Hidden, clock)
                .ContinueWith(
                    _ =>
                    {
                        Volatile.Write(ref lookingAgain, 0);
                        Wake();
                    },
                    TaskScheduler.Default
                );
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            Rounds.RunAsync("outbox signal", ListenAsync, clock, log, stoppingToken),
            Rounds.RunAsync("outbox sweep", SweepAsync, clock, log, stoppingToken)
        );

    private async Task SweepAsync(CancellationToken cancel)
    {
        await Task.Delay(Sweep, clock, cancel);
        Wake();
    }

    private async Task ListenAsync(CancellationToken cancel)
    {
        // A connection of its own: it is held for as long as the process lives.
        var connectionString = new NpgsqlConnectionStringBuilder(settings.DatabaseConnection)
        {
            Pooling = false,
            KeepAlive = 10,
            ApplicationName = "florin outbox signal",
        };
        await using var connection = new NpgsqlConnection(connectionString.ConnectionString);
        await connection.OpenAsync(cancel);
        await using (var listen = new NpgsqlCommand($"listen {Outbox.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancel);
        }

        LogListening();
        while (true)
        {
            Wake(); // once after the start too: what came before this connection was not notified
            await connection.WaitAsync(cancel);
        }
    }

    private sealed class Pulse(long number) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Number => number;
    }

    [LoggerMessage(LogLevel.Debug, "listening for outbox events")]
    private partial void LogListening();
}
