using System.Diagnostics;
using System.Diagnostics.Metrics;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Ledger;

/// <summary>
/// The one writer of this process (group commit): everything that waits is committed in a single transaction, then answered; the next batch is
/// whatever arrived meanwhile. Several servers each have one; sorted locks keep them correct.
/// </summary>
internal sealed partial class LedgerWriter(LedgerQueue queue, Settings settings, TimeProvider clock, CommitProbe probe, ILogger<LedgerWriter> log)
    : BackgroundService
{
    /// <summary>The meter of the ledger's figures.</summary>
    public const string MeterName = "Florin.Ledger";

    private const int MaxReruns = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Meter Meter = new(MeterName);
    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("florin.ledger.batch.size", "{commit}", "Commits in one transaction");
    private static readonly Histogram<double> BatchTime = Meter.CreateHistogram<double>(
        "florin.ledger.batch.duration",
        "s",
        "From draining the queue to answering"
    );
    private static readonly Counter<long> Reruns = Meter.CreateCounter<long>("florin.ledger.batch.reruns", "{rerun}", "Batches judged again, by reason");

    private readonly LedgerConnection connection = new(settings.DatabaseConnection);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Close();
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    // The token is not observed: what is in the queue was promised an answer. StopAsync closes the queue and this drains it.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using (connection)
        {
            var batch = new List<PendingCommit>(settings.BatchLimit);
            while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
            {
                while (batch.Count < settings.BatchLimit && queue.Reader.TryRead(out var pending))
                {
                    batch.Add(pending);
                }

                var started = clock.GetTimestamp();
                BatchSize.Record(batch.Count);
                await WriteAsync(batch, lookKeysUp: false);
                BatchTime.Record(clock.GetElapsedTime(started).TotalSeconds);
                batch.Clear();
            }
        }
    }

    /// <summary>Answers every commit of the list, however often it takes.</summary>
    private async Task WriteAsync(List<PendingCommit> commits, bool lookKeysUp)
    {
        try
        {
            await TryUntilSettledAsync(commits, lookKeysUp);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await connection.RollbackAsync();
            if (!lookKeysUp && HasKeys(commits))
            {
                // A repeat fails where its first call succeeded (the row is there already): it is to get the kept answer.
                await WriteAsync(commits, lookKeysUp: true);
                return;
            }

            if (commits.Count == 1)
            {
                var reason = Named(commits[0].Commit, e);
                commits[0].Refuse(reason);
                if (reason is not Refusal)
                {
                    LogCommitFailed(e);
                }

                return;
            }

            // Something in it is poisonous: halve until it fails alone.
            await WriteAsync(commits.GetRange(0, commits.Count / 2), lookKeysUp);
            await WriteAsync(commits.GetRange(commits.Count / 2, commits.Count - (commits.Count / 2)), lookKeysUp);
        }
    }

    private async Task TryUntilSettledAsync(List<PendingCommit> commits, bool lookKeysUp)
    {
        var settlement = new BatchSettlement(commits);
        var extraAccounts = new HashSet<long>();
        var started = clock.GetTimestamp();
        for (var run = 0; !settlement.Settled; run++)
        {
            if (settlement.Waiting.Count == 0)
            {
                settlement.Conclude(new HashSet<PendingCommit>());
                continue;
            }

            var attempt = new BatchAttempt(settlement.Waiting, connection, probe, clock, lookKeysUp);
            try
            {
                await attempt.RunAsync(extraAccounts);
                settlement.Conclude(attempt.Accepted);
            }
            catch (AccountNeededException needed)
            {
                extraAccounts.Add(needed.Account);
                await connection.RollbackAsync();
                CountRerun("account_needed");
            }
            catch (KeysNeededException)
            {
                lookKeysUp = true;
                await connection.RollbackAsync();
                CountRerun("keys_needed");
            }
            catch (RowsRefusedException refused)
            {
                await connection.RollbackAsync();
                if (lookKeysUp || !settlement.HasKeys)
                {
                    settlement.SetAside(refused, static (pending, cause) => Named(pending.Commit, cause));
                }

                lookKeysUp = true; // a repeat finds its row taken by its first call: it is to get the kept answer
                CountRerun("rows_refused");
                run--; // each of these runs takes somebody out, so they end by themselves
            }
            catch (PostgresException e) when (Retryable(e) && run < MaxReruns)
            {
                lookKeysUp |= KeyUsedBefore(e);
                await connection.RollbackAsync();
                CountRerun(e.SqlState);
                if (!KeyUsedBefore(e))
                {
                    await Task.Delay(Jitter(run));
                }
            }
            catch (Exception e) when (attempt.CommitSent ? !Answered(e) : e is NpgsqlException && !Answered(e))
            {
                await FindOutAsync(attempt, settlement, e, started);
            }
        }
    }

    /// <summary>The connection died, perhaps after the COMMIT was sent: finds out what became of it before anybody is told anything.</summary>
    private async Task FindOutAsync(BatchAttempt attempt, BatchSettlement settlement, Exception lost, long started)
    {
        var committed = attempt.CommitSent ? await connection.FindOutcomeAsync(attempt.TransactionId, attempt.Id, Patience, clock) : false;
        LogConnectionLost(lost.Message, attempt.CommitSent, committed);
        await connection.DropAsync();
        if (committed == true)
        {
            attempt.AnswerAll();
            settlement.Conclude(attempt.Accepted);
        }
        else if (committed is null || clock.GetElapsedTime(started) > Patience)
        {
            settlement.RefuseAll(committed is null ? LedgerRefusals.OutcomeUnknown : PlatformRefusals.Unavailable);
        }
        else
        {
            CountRerun("connection_lost");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    // Deadlock, serialisation, lock wait, and a key that another server wrote meanwhile: judge the whole batch again on what is there now.
    private static bool Retryable(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable || KeyUsedBefore(e);

    private static bool KeyUsedBefore(PostgresException e) => string.Equals(e.ConstraintName, Idempotency.KeyConstraint, StringComparison.Ordinal);

    // An ERROR from a live server is an answer: nothing was committed. Everything else (FATAL, end of stream, time-out) leaves open what happened.
    private static bool Answered(Exception e) =>
        e is PostgresException answer
        && string.Equals(answer.InvariantSeverity, "ERROR", StringComparison.Ordinal)
        && !answer.SqlState.StartsWith("57P", StringComparison.Ordinal);

    /// <summary>The refusal that a violated constraint stands for, where the commit says so.</summary>
    private static Exception Named(LedgerCommit commit, Exception e) =>
        e is PostgresException { ConstraintName: { } constraint } && commit.Constraints.TryGetValue(constraint, out var refusal) ? refusal.With()
        : e is PostgresException postgres && Retryable(postgres) ? PlatformRefusals.Unavailable.With()
        : e;

    private static bool HasKeys(List<PendingCommit> commits) => commits.Exists(pending => pending.Commit.Key is not null);

    private static TimeSpan Jitter(int run) => TimeSpan.FromMilliseconds(System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, 4 << Math.Min(run, 5)));

    private static void CountRerun(string reason) => Reruns.Add(1, new KeyValuePair<string, object?>("reason", reason));

    [LoggerMessage(LogLevel.Warning, "a commit failed alone")]
    private partial void LogCommitFailed(Exception e);

    [LoggerMessage(LogLevel.Warning, "the ledger's connection was lost ({Message}); commit sent: {CommitSent}, committed: {Outcome}")]
    private partial void LogConnectionLost(string message, bool commitSent, bool? outcome);
}
