using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Ledger;

/// <summary>One try to commit a batch: lock, judge, change the modules' rows, write the book and commit. Three round trips, two where no module has guarded rows.</summary>
internal sealed class BatchAttempt(List<PendingCommit> commits, LedgerConnection connection, CommitProbe probe, TimeProvider clock, bool lookKeysUp)
{
    private const int StatementSeconds = 30;
    private readonly Verdict[] verdicts = new Verdict[commits.Count];
    private Dictionary<Guid, KeptAnswer>? keptAnswers;

    /// <summary>Names this try in the database, for finding out whether it was committed.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The transaction's id, for asking what became of it.</summary>
    public ulong TransactionId { get; private set; }

    /// <summary>Whether the COMMIT may have reached the server.</summary>
    public bool CommitSent { get; private set; }

    /// <summary>Commits whose effects this attempt makes durable.</summary>
    public IReadOnlySet<PendingCommit> Accepted => commits.Where((_, i) => verdicts[i].Accepted).ToHashSet();

    public async Task RunAsync(HashSet<long> extraAccounts)
    {
        var link = await connection.OpenAsync();
        var batch = await LockAsync(link, extraAccounts);
        await probe.ReachAsync(CommitPoint.Locked, connection.Backend);

        Judge(batch);
        await CheckRefusedKeysAsync(link);
        await probe.ReachAsync(CommitPoint.Judged, connection.Backend);
        if (!Array.Exists(verdicts, verdict => verdict.Accepted))
        {
            await connection.RollbackAsync();
            AnswerAll();
            return;
        }

        await ChangeRowsAsync(link);
        await probe.ReachAsync(CommitPoint.RowsChanged, connection.Backend);

        await using var last = new NpgsqlBatch(link) { Timeout = 0 };
        batch.Rows.WriteTo(last, batch.Changed);
        last.BatchCommands.Add(connection.Mark(Id, batch.PostedAt));
        last.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        await probe.ReachAsync(CommitPoint.Committing, connection.Backend);
        connection.ReplicationCancelled = false;
        CommitSent = true;
        await last.ExecuteNonQueryAsync(CancellationToken.None);
        await probe.ReachAsync(CommitPoint.Committed, connection.Backend);
        if (connection.ReplicationCancelled)
        {
            commits.ForEach(commit => commit.Refuse(LedgerRefusals.OutcomeUnknown.With()));
            return;
        }

        AnswerAll();
    }

    /// <summary>Tells everybody what this attempt decided; only once it is durable.</summary>
    public void AnswerAll()
    {
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i].Receipt is { } receipt)
            {
                commits[i].Accept(receipt);
            }
            else
            {
                commits[i].Refuse(verdicts[i].Refused!);
            }
        }
    }

    private void Judge(LedgerBatch batch)
    {
        for (var i = 0; i < verdicts.Length; i++)
        {
            verdicts[i] = batch.Judge(commits[i].Commit);
        }
    }

    // Nearly every key is new, so keys are not looked up beforehand: an accepted one that was used before breaks the primary key of kept answers,
    // and a refused one (a repeat whose money is already spent) is looked up here. Either way the batch is judged again with the kept answers.
    private async Task CheckRefusedKeysAsync(NpgsqlConnection link)
    {
        if (keptAnswers is not null)
        {
            return;
        }

        var ids = new List<Guid>();
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i].Refused is not null && commits[i].Commit.Key is { } key)
            {
                ids.Add(key.Id);
            }
        }

        if (ids.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(link) { Timeout = StatementSeconds, BatchCommands = { Idempotency.Lookup([.. ids]) } };
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        if (await reader.ReadAsync())
        {
            throw new KeysNeededException();
        }
    }

    private async Task<LedgerBatch> LockAsync(NpgsqlConnection link, HashSet<long> extraAccounts)
    {
        var wanted = Wanted.By(commits, extraAccounts);
        await using var batch = new NpgsqlBatch(link) { Timeout = StatementSeconds };
        batch.BatchCommands.Add(new NpgsqlBatchCommand("begin"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select pg_current_xact_id()"));
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand(
                "select id, currency, floor, balance, held, seq, flags, arrears, arrears_to, proof_limit, last_posted_at "
                    + "from ledger.accounts where id = any($1) order by id for no key update"
            )
            {
                Parameters = { new NpgsqlParameter<long[]> { TypedValue = wanted.Accounts } },
            }
        );
        if (lookKeysUp)
        {
            batch.BatchCommands.Add(Idempotency.Lookup(wanted.Keys));
        }

        if (wanted.Holds.Length > 0)
        {
            // Read after the lock on their accounts, under which every change of a hold is made.
            batch.BatchCommands.Add(
                new NpgsqlBatchCommand("select id, account_id, amount, state = 'open' from ledger.holds where id = any($1)")
                {
                    Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = wanted.Holds } },
                }
            );
        }

        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        await reader.ReadAsync();
        TransactionId = reader.GetFieldValue<ulong>(0);
        await reader.NextResultAsync();
        var accounts = await ReadAccountsAsync(reader);
        if (lookKeysUp)
        {
            await reader.NextResultAsync();
            keptAnswers = await Idempotency.ReadAsync(reader, CancellationToken.None);
        }

        var holds = new Dictionary<Guid, HoldState>();
        if (wanted.Holds.Length > 0)
        {
            await reader.NextResultAsync();
            while (await reader.ReadAsync())
            {
                holds.Add(reader.GetGuid(0), new HoldState(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetBoolean(3)));
            }
        }

        return new LedgerBatch(accounts, holds, keptAnswers ?? [], clock.GetUtcNow());
    }

    private static async Task<Dictionary<long, AccountState>> ReadAccountsAsync(NpgsqlDataReader reader)
    {
        var accounts = new Dictionary<long, AccountState>();
        while (await reader.ReadAsync())
        {
            var postedAt = reader.GetDateTime(10);
            var account = new AccountState(
                reader.GetInt64(0),
                Currency.Of(reader.GetString(1)),
                reader.IsDBNull(2) ? null : reader.GetInt64(2),
                postedAt == DateTime.MinValue ? DateTimeOffset.MinValue : new DateTimeOffset(postedAt, TimeSpan.Zero)
            );
            account.Now.Balance = reader.GetInt64(3);
            account.Now.Held = reader.GetInt64(4);
            account.Now.Seq = reader.GetInt64(5);
            account.Now.Flags = (AccountFlags)reader.GetInt32(6);
            account.Now.Arrears = reader.GetInt64(7);
            account.Now.ArrearsTo = reader.IsDBNull(8) ? null : reader.GetInt64(8);
            account.Now.ProofLimit = reader.IsDBNull(9) ? null : reader.GetInt64(9);
            accounts.Add(account.Id, account);
        }

        return accounts;
    }

    private async Task ChangeRowsAsync(NpgsqlConnection link)
    {
        var changes = new List<(int Arrival, RowChange Row)>();
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i].Accepted)
            {
                foreach (var row in commits[i].Commit.Rows)
                {
                    changes.Add((i, row));
                }
            }
        }

        if (changes.Count == 0)
        {
            return;
        }

        var work = new BatchChanges(changes);
        try
        {
            await work.RunAsync(link, StatementSeconds);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("23", StringComparison.Ordinal) && work.Of(e.BatchCommand) is { } broken)
        {
            var failure = new RowFailure(broken.Arrival, broken.Row, e);
            throw new RowsRefusedException([failure], new Dictionary<(string Table, Guid Key), int>(), AcceptedByArrival());
        }

        var failures = work.Failures();
        if (failures.Count > 0)
        {
            throw new RowsRefusedException(failures, work.TouchedBy(failures), AcceptedByArrival());
        }
    }

    private bool[] AcceptedByArrival() => Array.ConvertAll(verdicts, verdict => verdict.Accepted);

    /// <summary>What a batch must lock and look up.</summary>
    private readonly record struct Wanted(long[] Accounts, Guid[] Holds, Guid[] Keys)
    {
        public static Wanted By(List<PendingCommit> commits, HashSet<long> extraAccounts)
        {
            var accounts = new HashSet<long>(extraAccounts);
            var holds = new HashSet<Guid>();
            var keys = new HashSet<Guid>();
            foreach (var pending in commits)
            {
                var commit = pending.Commit;
                foreach (var posting in commit.Postings)
                {
                    foreach (var move in posting.Moves)
                    {
                        accounts.Add(move.From);
                        accounts.Add(move.To);
                    }
                }

                foreach (var change in commit.Changes)
                {
                    accounts.Add(change.Account);
                    if (change.Arrears is { } arrears)
                    {
                        accounts.Add(arrears.To);
                    }
                }

                foreach (var end in commit.HoldEnds)
                {
                    accounts.Add(end.Account);
                    holds.Add(end.Id);
                }

                foreach (var hold in commit.Holds)
                {
                    accounts.Add(hold.Account);
                }

                if (commit.Key is { } key)
                {
                    keys.Add(key.Id);
                }
            }

            return new Wanted([.. accounts], [.. holds], [.. keys]);
        }
    }
}

/// <summary>A guarded statement that touched the wrong number of rows, or broke a constraint.</summary>
/// <param name="Arrival">The commit's place in the batch.</param>
/// <param name="Row">The statement.</param>
/// <param name="Cause">The broken constraint, if that is what happened.</param>
internal sealed record RowFailure(int Arrival, RowChange Row, PostgresException? Cause);

/// <summary>A key was used before: the batch has to be judged again with the kept answers.</summary>
#pragma warning disable CA1064 // never leaves the writer
internal sealed class KeysNeededException : Exception;
#pragma warning restore CA1064

/// <summary>Some guarded statements of a batch failed.</summary>
#pragma warning disable CA1064 // never leaves the writer
internal sealed class RowsRefusedException(
    IReadOnlyList<RowFailure> failures,
    IReadOnlyDictionary<(string Table, Guid Key), int> touchedByFailures,
    IReadOnlyList<bool> accepted
) : Exception
{
    public IReadOnlyList<RowFailure> Failures => failures;

    /// <summary>By place in the batch: whether the commit had passed the guards on money.</summary>
    public IReadOnlyList<bool> Accepted => accepted;

    /// <summary>Rows that a failed commit changed, with the first such commit's place: a later one may have failed only because of it.</summary>
    public IReadOnlyDictionary<(string Table, Guid Key), int> TouchedByFailures => touchedByFailures;
}
#pragma warning restore CA1064
