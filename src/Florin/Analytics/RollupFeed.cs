using Florin.Payments;
using Florin.Platform;
using Florin.Shops;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Analytics;

/// <summary>
/// Keeps the rollups up to date. An event says which payment changed and no more: what it is now is read anew and replaces what was known of it, so that an
/// event told twice, late or out of order changes nothing. One writer at a time reads and writes, so that nobody writes down what is older than what stands
/// there.
/// </summary>
internal sealed partial class RollupFeed(Database database, PaymentFigures payments, TimeProvider clock, ILogger<RollupFeed> log) : IDisposable
{
    private const int Chunk = 5_000;
    private readonly SemaphoreSlim turn = new(1);

    private static readonly InsertShape<PaymentFigure> Payments = new(
        "insert into analytics.payments as known (id, purpose, currency, method, state, payee, amount, fee, wait, created_at, completed_at) "
            + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
            + "on conflict (id) do update set method = excluded.method, state = excluded.state, fee = excluded.fee, wait = excluded.wait, "
            + "completed_at = excluded.completed_at "
            + "where (known.method, known.state, known.completed_at) is distinct from (excluded.method, excluded.state, excluded.completed_at)",
        Column.Of((PaymentFigure p) => p.Id, NpgsqlDbType.Uuid),
        Column.Of((PaymentFigure p) => p.Purpose, NpgsqlDbType.Text),
        Column.Of((PaymentFigure p) => p.Currency, NpgsqlDbType.Text),
        Column.Of((PaymentFigure p) => p.Method ?? "", NpgsqlDbType.Text),
        Column.Of((PaymentFigure p) => p.State, NpgsqlDbType.Text),
        Column.Of((PaymentFigure p) => p.Payee, NpgsqlDbType.Uuid),
        Column.Of((PaymentFigure p) => p.Amount, NpgsqlDbType.Bigint),
        Column.Of((PaymentFigure p) => CashSales.MethodsWithoutFee.Contains(p.Method, StringComparer.Ordinal) ? 0 : p.Fee, NpgsqlDbType.Bigint),
        Column.Of((PaymentFigure p) => Wait(p), NpgsqlDbType.Integer),
        Column.Of((PaymentFigure p) => p.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((PaymentFigure p) => p.CompletedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    private static readonly InsertShape<RefundFigure> Refunds = new(
        "insert into analytics.refunds (id, purpose, currency, method, payee, amount, done_at) select * from unnest($1, $2, $3, $4, $5, $6, $7) "
            + "on conflict (id) do nothing",
        Column.Of((RefundFigure r) => r.Id, NpgsqlDbType.Uuid),
        Column.Of((RefundFigure r) => r.Purpose, NpgsqlDbType.Text),
        Column.Of((RefundFigure r) => r.Currency, NpgsqlDbType.Text),
        Column.Of((RefundFigure r) => r.Method, NpgsqlDbType.Text),
        Column.Of((RefundFigure r) => r.Payee, NpgsqlDbType.Uuid),
        Column.Of((RefundFigure r) => r.Amount, NpgsqlDbType.Bigint),
        Column.Of((RefundFigure r) => r.DoneAt.UtcDateTime, NpgsqlDbType.TimestampTz)
    );

    internal static OutboxConsumer Consumer =>
        new(
            "analytics.rollups",
            PaymentFigures.Topics,
            FromBeginning: true,
            (services, happened, cancel) => services.GetRequiredService<RollupFeed>().TakeAsync([happened.Aggregate], cancel)
        )
        {
            Rest = 9, // a tenth of one connection's time
            HandlePageAsync = (services, events, cancel) =>
                services.GetRequiredService<RollupFeed>().TakeAsync([.. events.Select(one => one.Aggregate).Distinct()], cancel),
        };

    /// <summary>Writes down what some payments are now.</summary>
    internal async Task TakeAsync(IReadOnlyCollection<Guid> changed, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select built_at is not null from analytics.progress");
        if (await command.ExecuteScalarAsync(cancel) is not true)
        {
            await RebuildAsync(_ => { }, cancel); // the database is older than the rollups, or has no payments yet
        }

        await AloneAsync(
            async connection =>
            {
                await WriteAsync(connection, Payments, await payments.PaymentsAsync(changed, cancel), cancel);
                await WriteAsync(connection, Refunds, await payments.RefundsAsync(changed, cancel), cancel);
                return true;
            },
            cancel
        );
    }

    /// <summary>
    /// Brings what is known of every payment and refund up to date, and counts every sum anew. In many short transactions, while the server goes on;
    /// stopped half way, it is begun again without harm.
    /// </summary>
    /// <param name="told">How many were read so far.</param>
    /// <param name="cancel">Stops between two steps.</param>
    /// <returns>How many payments and refunds there are, and how many sums had been wrong.</returns>
    internal async Task<(long Payments, long Refunds, long Fixed)> RebuildAsync(Action<long> told, CancellationToken cancel)
    {
        var paid = await WalkAsync(Payments, payments.PaymentsAfterAsync, payment => payment.Id, told, cancel);
        var back = await WalkAsync(Refunds, payments.RefundsAfterAsync, refund => refund.Id, _ => { }, cancel);
        var wrong = await AloneAsync(
            async connection =>
            {
                await using var recount = new NpgsqlCommand("select analytics.recount()", connection) { CommandTimeout = 0 };
                return (long)(await recount.ExecuteScalarAsync(cancel))!;
            },
            cancel
        );
        await using var built = database.Source.CreateCommand("update analytics.progress set built_at = $1");
        built.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await built.ExecuteNonQueryAsync(cancel);
        LogBuilt(paid, back, wrong);
        return (paid, back, wrong);
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    // What is read here is written here, so that nobody else writes between the two. An advisory lock, and not a row: waiting for it, and reading under it,
    // takes no transaction id, for which readers of the outbox would wait. One of this server waits for it: more would hold the connections that the one
    // before them needs to read.
    private async Task<T> AloneAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            return await database.TransactionAsync(
                async connection =>
                {
                    await using var hold = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended('analytics.rollups', 0))", connection)
                    {
                        CommandTimeout = 0,
                    };
                    await hold.ExecuteNonQueryAsync(cancel);
                    return await work(connection);
                },
                cancel
            );
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<long> WalkAsync<T>(
        InsertShape<T> shape,
        Func<Guid, int, CancellationToken, Task<List<T>>> nextAsync,
        Func<T, Guid> id,
        Action<long> told,
        CancellationToken cancel
    )
    {
        var (last, seen) = (Guid.Empty, 0L);
        for (var more = true; more; )
        {
            var after = last;
            var chunk = await AloneAsync(
                async connection =>
                {
                    var read = await nextAsync(after, Chunk, cancel);
                    await WriteAsync(connection, shape, read, cancel);
                    return read;
                },
                cancel
            );
            more = chunk.Count == Chunk;
            last = more ? id(chunk[^1]) : last;
            seen += chunk.Count;
            told(seen);
        }

        return seen;
    }

    private static async Task WriteAsync<T>(NpgsqlConnection connection, InsertShape<T> shape, List<T> rows, CancellationToken cancel)
    {
        if (rows.Count > 0)
        {
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { shape.Command(rows) }, Timeout = 0 };
            await batch.ExecuteNonQueryAsync(cancel);
        }
    }

    private static int? Wait(PaymentFigure payment) =>
        payment.CompletedAt is { } completed ? WaitBuckets.Of((completed - payment.CreatedAt).Ticks / TimeSpan.TicksPerMillisecond) : null;

    [LoggerMessage(LogLevel.Information, "the rollups were built from {Payments} payments and {Refunds} refunds; {Wrong} sums had been wrong")]
    private partial void LogBuilt(long payments, long refunds, long wrong);
}
