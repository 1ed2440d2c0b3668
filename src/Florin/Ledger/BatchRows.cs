using System.Globalization;
using System.Text;
using Florin.Money;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Ledger;

/// <summary>The rows that a batch adds to the book, column by column, and the commands that write them.</summary>
internal sealed class BatchRows
{
    private static readonly InsertShape<(AccountDraft Draft, DateTimeOffset At)> AccountShape = new(
        "insert into ledger.accounts (id, currency, kind, floor, proof_limit, opened_at) select * from unnest($1, $2, $3, $4, $5, $6)",
        Column.Of(((AccountDraft Draft, DateTimeOffset At) a) => a.Draft.Id, NpgsqlDbType.Bigint),
        Column.Of(((AccountDraft Draft, DateTimeOffset At) a) => a.Draft.Currency.Code, NpgsqlDbType.Text),
        Column.Of(((AccountDraft Draft, DateTimeOffset At) a) => a.Draft.Kind, NpgsqlDbType.Text),
        Column.Of(((AccountDraft Draft, DateTimeOffset At) a) => a.Draft.Floor, NpgsqlDbType.Bigint),
        Column.Of(((AccountDraft Draft, DateTimeOffset At) a) => a.Draft.ProofLimit, NpgsqlDbType.Bigint),
        Column.Of(((AccountDraft Draft, DateTimeOffset At) a) => a.At.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    private static readonly InsertShape<(HoldDraft Draft, DateTimeOffset At)> HoldShape = new(
        "insert into ledger.holds (id, account_id, amount, reference, placed_at, expires_at) select * from unnest($1, $2, $3, $4, $5, $6)",
        Column.Of(((HoldDraft Draft, DateTimeOffset At) h) => h.Draft.Id, NpgsqlDbType.Uuid),
        Column.Of(((HoldDraft Draft, DateTimeOffset At) h) => h.Draft.Account, NpgsqlDbType.Bigint),
        Column.Of(((HoldDraft Draft, DateTimeOffset At) h) => h.Draft.Amount, NpgsqlDbType.Bigint),
        Column.Of(((HoldDraft Draft, DateTimeOffset At) h) => h.Draft.Reference, NpgsqlDbType.Text),
        Column.Of(((HoldDraft Draft, DateTimeOffset At) h) => h.At.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of(((HoldDraft Draft, DateTimeOffset At) h) => h.Draft.ExpiresAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    private static readonly InsertShape<(Guid Id, long Captured, bool Expired, DateTimeOffset At)> HoldEndShape = new(
        "update ledger.holds h set captured = e.captured, state = e.state, ended_at = e.at "
            + "from unnest($1, $2, $3, $4) e(id, captured, state, at) where h.id = e.id and h.state = 'open'",
        Column.Of(((Guid Id, long Captured, bool Expired, DateTimeOffset At) e) => e.Id, NpgsqlDbType.Uuid),
        Column.Of(((Guid Id, long Captured, bool Expired, DateTimeOffset At) e) => e.Captured, NpgsqlDbType.Bigint),
        Column.Of(
            ((Guid Id, long Captured, bool Expired, DateTimeOffset At) e) =>
                e.Captured > 0 ? "captured"
                : e.Expired ? "expired"
                : "released",
            NpgsqlDbType.Text
        ),
        Column.Of(((Guid Id, long Captured, bool Expired, DateTimeOffset At) e) => e.At.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    private static readonly InsertShape<PostingRow> PostingShape = new(
        "insert into ledger.postings (id, kind, reference, metadata, posted_at, occurred_at, entries) "
            + "select p.id, p.kind, p.reference, p.metadata, p.posted_at, p.occurred_at, p.entries::bigint[] "
            + "from unnest($1, $2, $3, $4, $5, $6, $7) p(id, kind, reference, metadata, posted_at, occurred_at, entries)",
        Column.Of((PostingRow p) => p.Draft.Id, NpgsqlDbType.Uuid),
        Column.Of((PostingRow p) => p.Draft.Kind, NpgsqlDbType.Text),
        Column.Of((PostingRow p) => p.Draft.Reference, NpgsqlDbType.Text),
        Column.Of((PostingRow p) => p.Draft.Metadata, NpgsqlDbType.Jsonb),
        Column.Of((PostingRow p) => p.PostedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((PostingRow p) => p.OccurredAt?.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((PostingRow p) => p.EntryKeys, NpgsqlDbType.Text)
    );

    private static readonly InsertShape<EntryRow> EntryShape = new(
        "insert into ledger.entries (account_id, seq, posting_id, amount, balance_after, posted_at, occurred_at) "
            + "select * from unnest($1, $2, $3, $4, $5, $6, $7)",
        Column.Of((EntryRow e) => e.Account, NpgsqlDbType.Bigint),
        Column.Of((EntryRow e) => e.Seq, NpgsqlDbType.Bigint),
        Column.Of((EntryRow e) => e.Posting, NpgsqlDbType.Uuid),
        Column.Of((EntryRow e) => e.Amount, NpgsqlDbType.Bigint),
        Column.Of((EntryRow e) => e.BalanceAfter, NpgsqlDbType.Bigint),
        Column.Of((EntryRow e) => e.PostedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((EntryRow e) => e.OccurredAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    private static readonly InsertShape<AccountState> AccountUpdate = new(
        "update ledger.accounts a set balance = v.balance, held = v.held, seq = v.seq, flags = v.flags, arrears = v.arrears, "
            + "arrears_to = v.arrears_to, proof_limit = v.proof_limit, last_posted_at = v.last_posted_at "
            + "from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) "
            + "v(id, balance, held, seq, flags, arrears, arrears_to, proof_limit, last_posted_at) where a.id = v.id",
        Column.Of((AccountState a) => a.Id, NpgsqlDbType.Bigint),
        Column.Of((AccountState a) => a.Now.Balance, NpgsqlDbType.Bigint),
        Column.Of((AccountState a) => a.Now.Held, NpgsqlDbType.Bigint),
        Column.Of((AccountState a) => a.Now.Seq, NpgsqlDbType.Bigint),
        Column.Of((AccountState a) => (int)a.Now.Flags, NpgsqlDbType.Integer),
        Column.Of((AccountState a) => a.Now.Arrears, NpgsqlDbType.Bigint),
        Column.Of((AccountState a) => a.Now.ArrearsTo, NpgsqlDbType.Bigint),
        Column.Of((AccountState a) => a.Now.ProofLimit, NpgsqlDbType.Bigint),
        Column.Of((AccountState a) => a.LastPostedAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    private readonly List<PostingRow> postings = [];
    private readonly List<EntryRow> entries = [];
    private readonly List<KeptRow> answers = [];
    private readonly Dictionary<InsertShape, RowBuffer> inserts = [];
    private readonly StringBuilder entryKeys = new();

    public List<(AccountDraft Draft, DateTimeOffset At)> Opened { get; } = [];

    public List<(HoldDraft Draft, DateTimeOffset At)> PlacedHolds { get; } = [];

    public List<(Guid Id, long Captured, bool Expired, DateTimeOffset At)> EndedHolds { get; } = [];

    public Position Mark() => new(postings.Count, entries.Count, Opened.Count, PlacedHolds.Count, EndedHolds.Count);

    public void Return(Position to)
    {
        postings.RemoveRange(to.Postings, postings.Count - to.Postings);
        entries.RemoveRange(to.Entries, entries.Count - to.Entries);
        Opened.RemoveRange(to.Opened, Opened.Count - to.Opened);
        PlacedHolds.RemoveRange(to.PlacedHolds, PlacedHolds.Count - to.PlacedHolds);
        EndedHolds.RemoveRange(to.EndedHolds, EndedHolds.Count - to.EndedHolds);
    }

    public void BeginPosting(PostingDraft draft, DateTimeOffset postedAt)
    {
        postings.Add(new PostingRow(draft, postedAt, draft.OccurredAt < postedAt ? draft.OccurredAt : null));
        entryKeys.Clear().Append('{');
    }

    public void AddEntry(long account, long seq, long amount, long balanceAfter)
    {
        var posting = postings[^1];
        entries.Add(new EntryRow(account, seq, posting.Draft.Id, amount, balanceAfter, posting.PostedAt, posting.OccurredAt));
        entryKeys.Append(entryKeys.Length == 1 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{account},{seq}");
    }

    public void EndPosting() => postings[^1].EntryKeys = entryKeys.Append('}').ToString();

    public void Keep(IdempotencyKey key, Answer answer, DateTimeOffset at) => answers.Add(new KeptRow(key, answer, at));

    public void AddInserts(List<RowInsert> rows)
    {
        foreach (var row in rows)
        {
            if (!inserts.TryGetValue(row.Shape, out var buffer))
            {
                inserts.Add(row.Shape, buffer = row.Shape.NewBuffer());
            }

            row.AddTo(buffer);
        }
    }

    /// <summary>Everything that stands after the modules' own statements, in an order that the tables' own checks allow.</summary>
    public void WriteTo(NpgsqlBatch batch, IEnumerable<AccountState> changed)
    {
        Add(batch, AccountShape, Opened);
        Add(batch, PostingShape, postings);
        // In the order of the primary key: neighbours land on one page. One account's entries keep theirs.
        entries.Sort(static (a, b) => a.Account == b.Account ? a.Seq.CompareTo(b.Seq) : a.Account.CompareTo(b.Account));
        Add(batch, EntryShape, entries);
        Add(batch, AccountUpdate, [.. changed]);
        Add(batch, HoldShape, PlacedHolds);
        Add(batch, HoldEndShape, EndedHolds);
        foreach (var (_, buffer) in inserts)
        {
            batch.BatchCommands.Add(buffer.Command());
        }

        if (answers.Count > 0)
        {
            // Sorted, so that two servers with the same keys queue behind each other instead of around each other.
            answers.Sort(static (a, b) => a.Key.Id.CompareTo(b.Key.Id));
            Add(batch, Idempotency.Shape, answers);
        }

        if (inserts.ContainsKey(Outbox.Shape))
        {
            batch.BatchCommands.Add(Outbox.Wake());
        }
    }

    private static void Add<TRow>(NpgsqlBatch batch, InsertShape<TRow> shape, List<TRow> rows)
    {
        if (rows.Count > 0)
        {
            batch.BatchCommands.Add(shape.Command(rows));
        }
    }

    /// <summary>How much there was before a commit; returning to it undoes the commit.</summary>
    public readonly record struct Position(int Postings, int Entries, int Opened, int PlacedHolds, int EndedHolds);

    private sealed class PostingRow(PostingDraft draft, DateTimeOffset postedAt, DateTimeOffset? occurredAt)
    {
        public PostingDraft Draft => draft;

        public DateTimeOffset PostedAt => postedAt;

        public DateTimeOffset? OccurredAt => occurredAt;

        public string EntryKeys { get; set; } = "{}";
    }

    private readonly record struct EntryRow(
        long Account,
        long Seq,
        Guid Posting,
        long Amount,
        long BalanceAfter,
        DateTimeOffset PostedAt,
        DateTimeOffset? OccurredAt
    );
}
