using System.Text.Json;
using Florin.Activity;
using Florin.Ledger;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Gateways.Reconciliation;

/// <summary>
/// Keeps a gateway's file with what the comparison found of each line, all together. One file of a gateway at a time, so that two that overlap see each
/// other; nothing in payments or ledger is changed by it.
/// </summary>
internal sealed class SettlementImport(Database database, IServiceScopeFactory scopes, PaymentCollections collections, LedgerReads ledger, TimeProvider clock)
    : IDisposable
{
    private const int Page = 5_000;

    // Whoever waits for the lock in the database holds a connection: of each server only one.
    private readonly SemaphoreSlim turn = new(1);

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    /// <summary>Compares and keeps it; a file that is there already is left alone.</summary>
    /// <param name="gateway">Whose.</param>
    /// <param name="name">The file's.</param>
    /// <param name="sha256">Of its content.</param>
    /// <param name="lines">Its movements.</param>
    /// <param name="by">Who imports it.</param>
    /// <param name="entry">Activity.</param>
    /// <param name="cancel">Stops it; nothing is kept then.</param>
    /// <returns>Its id, and whether it is new.</returns>
    public async Task<(Guid Id, bool Fresh)> KeepAsync(
        string gateway,
        string name,
        byte[] sha256,
        IReadOnlyList<SettlementLine> lines,
        Guid by,
        Func<ImportedSettlement, ActivityEntry> entry,
        CancellationToken cancel
    )
    {
        await turn.WaitAsync(cancel);
        try
        {
            return await InTurnAsync(gateway, name, sha256, lines, by, entry, cancel);
        }
        finally
        {
            turn.Release();
        }
    }

    private Task<(Guid Id, bool Fresh)> InTurnAsync(
        string gateway,
        string name,
        byte[] sha256,
        IReadOnlyList<SettlementLine> lines,
        Guid by,
        Func<ImportedSettlement, ActivityEntry> entry,
        CancellationToken cancel
    ) =>
        database.TransactionAsync(
            async connection =>
            {
                await LockAsync(connection, gateway, cancel);
                if (await FindAsync(connection, gateway, sha256, cancel) is { } known)
                {
                    return (known, false);
                }

                var context = await ContextAsync(gateway, lines, cancel);
                var matched = SettlementMatching.Match(lines, context);
                var now = clock.GetUtcNow();
                var id = Ids.New();
                var (from, to) = (lines.Min(line => line.HappenedAt), lines.Max(line => line.HappenedAt));
                var exceptions = matched
                    .Where(line => !LineResults.InOrder.Contains(line.Result, StringComparer.Ordinal))
                    .Select(line => Exception(id, gateway, line, now))
                    .Concat(await MissingAsync(id, gateway, from, to, matched, now, cancel))
                    .ToList();
                var settlement = new ImportedSettlement
                {
                    Id = id,
                    Gateway = gateway,
                    Name = name,
                    Sha256 = sha256,
                    FromAt = from,
                    ToAt = to,
                    Lines = lines.Count,
                    Matched = matched.Count(line => line.Result is LineResults.Matched),
                    Repeated = matched.Count(line => line.Result is LineResults.Repeated),
                    Exceptions = exceptions.Count,
                    Totals = JsonSerializer.Serialize(Totals(matched), Wire.Json),
                    ImportedBy = by,
                    ImportedAt = now,
                };
                await connection.InsertAsync(cancel, ImportedSettlement.Shape.Row(settlement));
                await InsertAsync(connection, SettlementLineRow.Shape, matched.Select(line => new SettlementLineRow(id, gateway, line)), cancel);
                await InsertAsync(connection, SettlementException.Shape, exceptions, cancel);
                await EndMissingAsync(connection, id, matched, now, cancel);
                await connection.InsertAsync(cancel, ActivityLog.Row(entry(settlement)));
                return (id, true);
            },
            cancel
        );

    private static async Task LockAsync(NpgsqlConnection connection, string gateway, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended('gateways.settlements ' || $1, 0))", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = gateway });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<Guid?> FindAsync(NpgsqlConnection connection, string gateway, byte[] sha256, CancellationToken cancel)
    {
        await using var find = new NpgsqlCommand("select id from gateways.settlements where gateway = $1 and sha256 = $2", connection);
        find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = gateway });
        find.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = sha256 });
        return await find.ExecuteScalarAsync(cancel) as Guid?;
    }

    private async Task<SettlementContext> ContextAsync(string gateway, IReadOnlyList<SettlementLine> lines, CancellationToken cancel)
    {
        List<Guid> ids = [.. lines.SelectMany(line => line.Ids).Distinct()];
        List<string> names = [.. lines.SelectMany(line => line.Names).Distinct(StringComparer.Ordinal)];
        List<string> references = [.. lines.Select(line => line.Reference).Distinct(StringComparer.Ordinal)];
        var attempts = await collections.AttemptsAsync(gateway, ids, names, cancel);
        var refunds = await collections.RefundsAsync(gateway, ids, names, cancel);
        string[] payments =
        [
            .. attempts.Select(one => one.Payment).Concat(refunds.Select(one => one.Payment)).Distinct().Select(one => Ids.Show(PaymentFact.Prefix, one)),
        ];
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var earlier = (
            await db.SettlementLines.AsNoTracking().Where(line => line.Gateway == gateway && references.Contains(line.Reference)).ToListAsync(cancel)
        )
            .GroupBy(line => line.Reference, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => new EarlierLine(group.First().Kind, group.First().Money), StringComparer.Ordinal);
        var settled = await SettledAsync(db, [.. attempts.Select(one => one.Attempt)], [.. refunds.Select(one => one.Refund)], cancel);
        return new SettlementContext(attempts, refunds, await ledger.AtGatewayAsync(gateway, payments, cancel), earlier, settled);
    }

    // Lines that were only repeated are not what settled anything.
    private static async Task<HashSet<Guid>> SettledAsync(
        FlorinDb db,
        IReadOnlyCollection<Guid> attempts,
        IReadOnlyCollection<Guid> refunds,
        CancellationToken cancel
    )
    {
        var lines = await db
            .SettlementLines.AsNoTracking()
            .Where(line => (line.Refund == null && attempts.Contains(line.Attempt!.Value)) || refunds.Contains(line.Refund!.Value))
            .Select(line => line.Refund ?? line.Attempt!.Value)
            .ToListAsync(cancel);
        return [.. lines];
    }

    private async Task<IEnumerable<SettlementException>> MissingAsync(
        Guid settlement,
        string gateway,
        DateTimeOffset from,
        DateTimeOffset to,
        IReadOnlyList<MatchedLine> matched,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        var (attempts, refunds) = await collections.BetweenAsync(gateway, from, to, cancel);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var there = await SettledAsync(db, [.. attempts.Select(one => one.Attempt)], [.. refunds.Select(one => one.Refund)], cancel);
        there.UnionWith(matched.Select(line => line.Refund ?? line.Attempt ?? Guid.Empty));
        List<Guid> candidates = [.. attempts.Select(one => one.Attempt), .. refunds.Select(one => one.Refund)];
        var told = await db
            .SettlementExceptions.Where(one => one.Line == null && (candidates.Contains(one.Attempt!.Value) || candidates.Contains(one.Refund!.Value)))
            .Select(one => one.Refund ?? one.Attempt!.Value)
            .ToListAsync(cancel);
        there.UnionWith(told); // once is enough
        return attempts
            .Where(one => !there.Contains(one.Attempt))
            .Select(one => Missing(settlement, gateway, one.Attempt, null, one.Reference, one.Taken!.Value, now))
            .Concat(
                refunds
                    .Where(one => !there.Contains(one.Refund))
                    .Select(one => Missing(settlement, gateway, one.Attempt, one.Refund, one.Reference, one.Amount, now))
            );
    }

    private static SettlementException Missing(
        Guid settlement,
        string gateway,
        Guid attempt,
        Guid? refund,
        string? reference,
        Money.Amount amount,
        DateTimeOffset now
    ) =>
        new()
        {
            Id = Ids.New(),
            SettlementId = settlement,
            Gateway = gateway,
            Kind = LineResults.Missing,
            Attempt = attempt,
            Refund = refund,
            Reference = reference,
            Expected = amount.Minor,
            ExpectedCurrency = amount.Currency.Code,
            CreatedAt = now,
        };

    private static SettlementException Exception(Guid settlement, string gateway, MatchedLine line, DateTimeOffset now) =>
        new()
        {
            Id = Ids.New(),
            SettlementId = settlement,
            Line = line.Line.Line,
            Gateway = gateway,
            Kind = line.Result,
            Attempt = line.Attempt,
            Refund = line.Refund,
            Reference = line.Line.Reference,
            Expected = line.Expected?.Minor,
            ExpectedCurrency = line.Expected?.Currency.Code,
            Found = line.Line.Amount.Minor,
            FoundCurrency = line.Line.Amount.Currency.Code,
            CreatedAt = now,
        };

    // What an earlier file lacked may stand in this one: it came a little before midnight and was booked after.
    private static async Task EndMissingAsync(
        NpgsqlConnection connection,
        Guid settlement,
        IReadOnlyList<MatchedLine> matched,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var end = new NpgsqlCommand(
            """
            update gateways.settlement_exceptions set state = 'resolved', resolved_at = $4, reason = $3
            where state = 'open' and line is null and ((refund is null and attempt = any($1)) or refund = any($2))
            """,
            connection
        );
        end.Parameters.Add(
            new NpgsqlParameter<Guid[]>
            {
                TypedValue = [.. matched.Where(line => line.Refund is null && line.Attempt is not null).Select(line => line.Attempt!.Value)],
            }
        );
        end.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. matched.Where(line => line.Refund is not null).Select(line => line.Refund!.Value)] });
        end.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "in " + Ids.Show(ImportedSettlement.Prefix, settlement) });
        end.Parameters.Add(new NpgsqlParameter { Value = now.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await end.ExecuteNonQueryAsync(cancel);
    }

    private static async Task InsertAsync<TRow>(NpgsqlConnection connection, InsertShape<TRow> shape, IEnumerable<TRow> rows, CancellationToken cancel)
    {
        foreach (var page in rows.Chunk(Page))
        {
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { shape.Command([.. page]) } };
            await batch.ExecuteNonQueryAsync(cancel);
        }
    }

    private static SortedDictionary<string, SettlementTotals> Totals(IReadOnlyList<MatchedLine> lines)
    {
        var totals = new SortedDictionary<string, SettlementTotals>(StringComparer.Ordinal);
        foreach (var line in lines.Where(line => line.Result is not LineResults.Repeated).Select(line => line.Line))
        {
            var code = line.Amount.Currency.Code;
            var so = totals.GetValueOrDefault(code, new SettlementTotals(0, 0, 0));
            totals[code] = line.Kind switch
            {
                MovementKinds.Charge => so with { Charges = checked(so.Charges + line.Amount.Minor) },
                MovementKinds.Refund => so with { Refunds = checked(so.Refunds + line.Amount.Minor) },
                _ => so,
            };
            if (line.Fee is { } fee)
            {
                var fees = totals.GetValueOrDefault(fee.Currency.Code, new SettlementTotals(0, 0, 0));
                totals[fee.Currency.Code] = fees with { Fees = checked(fees.Fees + fee.Minor) };
            }
        }

        return totals;
    }
}

/// <summary>Sums of a file in one currency, in minor units.</summary>
/// <param name="Charges">Collected.</param>
/// <param name="Refunds">Given back.</param>
/// <param name="Fees">Kept by the gateway.</param>
public sealed record SettlementTotals(long Charges, long Refunds, long Fees);
