using System.Diagnostics.Metrics;
using System.Text.Json;
using Florin.Activity;
using Florin.Files.Storage;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Files;

/// <summary>
/// Works on files that are due. A file is leased to one server at a time, which shows signs of life while it reads; one that dies leaves its lease to run out,
/// and another takes the file over. What became of the file is written in one commit with its credit, guarded by the lease, so that each is done once.
/// </summary>
internal sealed partial class FileProcessing(
    FileQueue queue,
    FileWorks works,
    IFileStorage storage,
    GeneralLedger ledger,
    HouseAccounts house,
    ActivityLog activity,
    TimeProvider clock,
    ILogger<FileProcessing> log
)
{
    /// <summary>A file that was begun so often and never ended has failed.</summary>
    public const int MostTries = 5;

    private static readonly TimeSpan LongestOutage = TimeSpan.FromDays(1);
    private static readonly Meter Meter = new("Florin.Files");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("florin.files.ended", description: "Files that were worked on, by outcome.");

    /// <summary>Works on all that are due now, one after another.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var count = 0;
        for (; await queue.ClaimAsync(1, cancel) is [{ } file]; count++)
        {
            await WorkAsync(file, cancel);
        }

        return count;
    }

    /// <summary>Works on a file that was leased. Where this ends by a fault of ours, it is tried again when the lease is over.</summary>
    public async Task WorkAsync(LeasedFile file, CancellationToken cancel)
    {
        try
        {
            var outcome = file.Tries > MostTries ? new FileOutcome(null, "too_many_tries") : await TryAsync(file, cancel);
            await EndAsync(file, outcome);
            Ended.Add(1, new KeyValuePair<string, object?>("outcome", outcome.Failure ?? "completed"));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await queue.ReleaseAsync(file, TimeSpan.Zero, triesBack: 1);
        }
        catch (IOException fault)
        {
            LogStorage(fault, file.Row.Id, file.Tries);
            // An outage of the storage is not the file's fault, for a day.
            var outage = clock.GetUtcNow() - file.Row.UploadedAt < LongestOutage;
            await queue.ReleaseAsync(file, FileQueue.PauseAfter(file.Tries), triesBack: outage && file.Tries == MostTries ? 1 : 0);
        }
        catch (LeaseLostException)
        {
            LogLost(file.Row.Id);
        }
        catch (Refusal refusal) when (refusal.Reason == LedgerRefusals.AlreadyDone || refusal.Reason == LedgerRefusals.InsufficientFunds)
        {
            LogLost(file.Row.Id); // another server was first; of the last credit of all, its money has gone already
        }
    }

    private async Task<FileOutcome> TryAsync(LeasedFile file, CancellationToken cancel)
    {
        try
        {
            await using var content = await storage.OpenAsync(file.Row.Blob!, cancel) ?? throw new FileFault("content_lost");
            await using var watched = new WatchedStream(content, percent => queue.ProgressAsync(file, percent), clock, queue.Beat);
            var result = await works.Named(file.Row.Service).DoAsync(file.Row, watched, cancel);
            return new FileOutcome(JsonSerializer.Serialize(result, Wire.Json), null);
        }
        catch (FileFault fault)
        {
            return new FileOutcome(null, fault.Reason);
        }
    }

    // Done: the credit is spent, and what it cost is earned. Failed: the credit is free again, and the liability stays.
    private async Task EndAsync(LeasedFile file, FileOutcome outcome)
    {
        var now = clock.GetUtcNow();
        var done = outcome.Failure is null;
        var topic = done ? "files.completed" : "files.failed";
        var told = FileView.Of(
            new UploadedFile
            {
                Id = file.Row.Id,
                PersonId = file.Row.PersonId,
                LotId = file.Row.LotId,
                Service = file.Row.Service,
                Filename = file.Row.Filename,
                Size = file.Row.Size,
                Sha256 = file.Row.Sha256,
                State = done ? UploadedFile.Completed : UploadedFile.Failed,
                Progress = 100,
                Result = outcome.Result,
                Failure = outcome.Failure,
                UploadedAt = file.Row.UploadedAt,
                EndedAt = now,
            }
        );
        var details = new
        {
            file = told.Id,
            told.Service,
            outcome.Failure,
        };
        var commit = new LedgerCommit
        {
            Rows = { FileQueue.End(file, outcome, now), done ? CreditLot.Spend(file.Row.LotId) : CreditLot.GiveBack(file.Row.LotId) },
            Inserts = { FileEvents.Row(topic, file.Row.Id, file.Row.PersonId, told), FileEvents.Activity(activity, topic, file.Row.PersonId, details) },
        };
        if (done)
        {
            commit.Postings.Add(await EarnedAsync(file, told.Id));
        }

        await ledger.CommitAsync(commit);
    }

    private async Task<PostingDraft> EarnedAsync(LeasedFile file, string reference)
    {
        var price = file.Price;
        var liability = await house.IdAsync(HouseAccount.FileCreditLiability, price.Currency, CancellationToken.None);
        var revenue = await house.IdAsync(HouseAccount.FileRevenue, price.Currency, CancellationToken.None);
        return new PostingDraft("file_credit_spent", new Move(liability, revenue, price.Minor)) { Reference = reference };
    }

    [LoggerMessage(LogLevel.Warning, "the storage failed while file {File} was worked on, try {Tries}")]
    private partial void LogStorage(Exception fault, Guid file, int tries);

    [LoggerMessage(LogLevel.Information, "file {File} is no longer ours to work on")]
    private partial void LogLost(Guid file);
}

/// <summary>What became of a file.</summary>
/// <param name="Result">JSON; null where it failed.</param>
/// <param name="Failure">Why it failed; null where it is done.</param>
internal sealed record FileOutcome(string? Result, string? Failure);

/// <summary>A file that this server is to work on.</summary>
/// <param name="Row">The file.</param>
/// <param name="Price">What its credit cost.</param>
/// <param name="Lease">Who holds it.</param>
/// <param name="Tries">This one included.</param>
internal sealed record LeasedFile(UploadedFile Row, Amount Price, Guid Lease, int Tries);

/// <summary>Another server works on the file now.</summary>
internal sealed class LeaseLostException() : Exception("another server works on the file");

/// <summary>Files in line, over all servers.</summary>
internal sealed class FileQueue(Database database, FileSettings settings, TimeProvider clock)
{
    private const string ClaimSql = """
        update files.files f set due_at = $2, lease = $3, tries = tries + 1
        from (
            select id from files.files where state = 'processing' and due_at <= $1 order by due_at, id limit $4 for update skip locked
        ) due, files.credit_lots l
        where f.id = due.id and l.payment_id = f.lot_id
        returning f.id, f.person_id, f.lot_id, f.service, f.filename, f.size, f.sha256, f.blob, f.uploaded_at, f.tries, l.price, l.currency
        """;

    /// <summary>How often whoever works on a file shows that it lives: several times in a lease.</summary>
    public TimeSpan Beat { get; } = TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(2).Ticks, settings.Lease.Ticks / 4));

    /// <summary>Before the next try: 5 s, doubled each time.</summary>
    public static TimeSpan PauseAfter(int tries) => TimeSpan.FromSeconds(5 << Math.Min(tries - 1, 6));

    /// <summary>Leases files that are due: those whose lease has run out too.</summary>
    public async Task<IReadOnlyList<LeasedFile>> ClaimAsync(int limit, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var lease = Guid.NewGuid();
        await using var command = database.Source.CreateCommand(ClaimSql);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now + settings.Lease).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = lease });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var files = new List<LeasedFile>();
        while (await reader.ReadAsync(cancel))
        {
            var row = new UploadedFile
            {
                Id = reader.GetGuid(0),
                PersonId = reader.GetGuid(1),
                LotId = reader.GetGuid(2),
                Service = reader.GetString(3),
                Filename = reader.GetString(4),
                Size = reader.GetInt64(5),
                Sha256 = reader.GetFieldValue<byte[]>(6),
                Blob = reader.GetString(7),
                UploadedAt = reader.GetFieldValue<DateTimeOffset>(8),
            };
            files.Add(new LeasedFile(row, new Amount(reader.GetInt64(10), Currency.Of(reader.GetString(11))), lease, reader.GetInt32(9)));
        }

        return files;
    }

    /// <summary>Shows that the work goes on, and how far it is; the owner sees it at once.</summary>
    /// <exception cref="LeaseLostException">Another server has taken it over.</exception>
    public async Task ProgressAsync(LeasedFile file, int percent)
    {
        var told = new
        {
            id = file.Row.PublicId,
            state = UploadedFile.Processing,
            progress = percent,
        };
        var still = await database.TransactionAsync(
            async connection =>
            {
                await using var command = new NpgsqlCommand(
                    "update files.files set due_at = $3, progress = greatest(progress, $4) where id = $1 and lease = $2 and state = 'processing'",
                    connection
                );
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = file.Row.Id });
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = file.Lease });
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (clock.GetUtcNow() + settings.Lease).UtcDateTime });
                command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)percent });
                if (await command.ExecuteNonQueryAsync(CancellationToken.None) == 0)
                {
                    return false;
                }

                await using var tell = new NpgsqlBatch(connection)
                {
                    BatchCommands = { FileEvents.Row("files.progressed", file.Row.Id, file.Row.PersonId, told).Command(), Outbox.Wake() },
                };
                await tell.ExecuteNonQueryAsync(CancellationToken.None);
                return true;
            },
            CancellationToken.None
        );
        if (!still)
        {
            throw new LeaseLostException();
        }
    }

    /// <summary>Gives a lease back, so that the file is tried again after a pause.</summary>
    /// <param name="file">The file.</param>
    /// <param name="pause">Until it is due again.</param>
    /// <param name="triesBack">Tries that do not count: 0 or 1.</param>
    public async Task ReleaseAsync(LeasedFile file, TimeSpan pause, int triesBack)
    {
        await using var command = database.Source.CreateCommand(
            "update files.files set lease = null, due_at = $3, tries = tries - $4 where id = $1 and lease = $2 and state = 'processing'"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = file.Row.Id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = file.Lease });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (clock.GetUtcNow() + pause).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = triesBack });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>The end of a file, by whoever still holds it.</summary>
    public static RowChange End(LeasedFile file, FileOutcome outcome, DateTimeOffset now) =>
        new(
            "update files.files set state = case when $3::text is null then 'completed' else 'failed' end, failure = $3, result = $4::jsonb, progress = 100, "
                + "ended_at = $5, due_at = null, lease = null where id = $1 and lease = $2 and state = 'processing'",
            [
                new NpgsqlParameter<Guid> { TypedValue = file.Row.Id },
                new NpgsqlParameter<Guid> { TypedValue = file.Lease },
                new NpgsqlParameter<string?> { TypedValue = outcome.Failure, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
                new NpgsqlParameter<string?> { TypedValue = outcome.Result, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
            ],
            1,
            LedgerRefusals.AlreadyDone,
            "files.files",
            file.Row.Id
        );
}
