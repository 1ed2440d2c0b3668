using Florin.Gateways.Reconciliation;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using NpgsqlTypes;

namespace Florin.Gateways.Reconciliation
{
    /// <summary>A file that was imported, as a row.</summary>
    internal sealed class ImportedSettlement
    {
        /// <summary>The prefix of public ids.</summary>
        public const string Prefix = "stl";

        public required Guid Id { get; init; }

        public required string Gateway { get; init; }

        public required string Name { get; init; }

        public required byte[] Sha256 { get; init; }

        public required DateTimeOffset FromAt { get; init; }

        public required DateTimeOffset ToAt { get; init; }

        public required int Lines { get; init; }

        public required int Matched { get; init; }

        public required int Repeated { get; init; }

        public required int Exceptions { get; init; }

        public required string Totals { get; init; }

        public required Guid ImportedBy { get; init; }

        public required DateTimeOffset ImportedAt { get; init; }

        public static readonly InsertShape<ImportedSettlement> Shape = new(
            "insert into gateways.settlements (id, gateway, name, sha256, from_at, to_at, lines, matched, repeated, exceptions, totals, imported_by, imported_at) "
                + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            Column.Of((ImportedSettlement s) => s.Id, NpgsqlDbType.Uuid),
            Column.Of((ImportedSettlement s) => s.Gateway, NpgsqlDbType.Text),
            Column.Of((ImportedSettlement s) => s.Name, NpgsqlDbType.Text),
            Column.Of((ImportedSettlement s) => s.Sha256, NpgsqlDbType.Bytea),
            Column.Of((ImportedSettlement s) => s.FromAt.UtcDateTime, NpgsqlDbType.TimestampTz),
            Column.Of((ImportedSettlement s) => s.ToAt.UtcDateTime, NpgsqlDbType.TimestampTz),
            Column.Of((ImportedSettlement s) => s.Lines, NpgsqlDbType.Integer),
            Column.Of((ImportedSettlement s) => s.Matched, NpgsqlDbType.Integer),
            Column.Of((ImportedSettlement s) => s.Repeated, NpgsqlDbType.Integer),
            Column.Of((ImportedSettlement s) => s.Exceptions, NpgsqlDbType.Integer),
            Column.Of((ImportedSettlement s) => s.Totals, NpgsqlDbType.Jsonb),
            Column.Of((ImportedSettlement s) => s.ImportedBy, NpgsqlDbType.Uuid),
            Column.Of((ImportedSettlement s) => s.ImportedAt.UtcDateTime, NpgsqlDbType.TimestampTz)
        );
    }

    /// <summary>What somebody must look at, as a row.</summary>
    internal sealed class SettlementException
    {
        /// <summary>The prefix of public ids.</summary>
        public const string Prefix = "exc";

        /// <summary>Nobody has said anything of it.</summary>
        public const string Open = "open";

        /// <summary>Finance, or a later file, has.</summary>
        public const string Resolved = "resolved";

        public required Guid Id { get; init; }

        public required Guid SettlementId { get; init; }

        public int? Line { get; init; }

        public required string Gateway { get; init; }

        public required string Kind { get; init; }

        public Guid? Attempt { get; init; }

        public Guid? Refund { get; init; }

        public string? Reference { get; init; }

        public long? Expected { get; init; }

        public string? ExpectedCurrency { get; init; }

        public long? Found { get; init; }

        public string? FoundCurrency { get; init; }

        public string State { get; init; } = Open;

        public string? Reason { get; init; }

        public Guid? ResolvedBy { get; init; }

        public DateTimeOffset? ResolvedAt { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public static readonly InsertShape<SettlementException> Shape = new(
            "insert into gateways.settlement_exceptions (id, settlement_id, line, gateway, kind, attempt, refund, reference, expected, expected_currency, found, "
                + "found_currency, created_at) select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            Column.Of((SettlementException e) => e.Id, NpgsqlDbType.Uuid),
            Column.Of((SettlementException e) => e.SettlementId, NpgsqlDbType.Uuid),
            Column.Of((SettlementException e) => e.Line, NpgsqlDbType.Integer),
            Column.Of((SettlementException e) => e.Gateway, NpgsqlDbType.Text),
            Column.Of((SettlementException e) => e.Kind, NpgsqlDbType.Text),
            Column.Of((SettlementException e) => e.Attempt, NpgsqlDbType.Uuid),
            Column.Of((SettlementException e) => e.Refund, NpgsqlDbType.Uuid),
            Column.Of((SettlementException e) => e.Reference, NpgsqlDbType.Text),
            Column.Of((SettlementException e) => e.Expected, NpgsqlDbType.Bigint),
            Column.Of((SettlementException e) => e.ExpectedCurrency, NpgsqlDbType.Text),
            Column.Of((SettlementException e) => e.Found, NpgsqlDbType.Bigint),
            Column.Of((SettlementException e) => e.FoundCurrency, NpgsqlDbType.Text),
            Column.Of((SettlementException e) => e.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz)
        );
    }

    /// <summary>A line of a file, as a row to insert.</summary>
    internal sealed record SettlementLineRow(Guid Settlement, string Gateway, MatchedLine Matched)
    {
        public static readonly InsertShape<SettlementLineRow> Shape = new(
            "insert into gateways.settlement_lines (settlement_id, line, gateway, reference, kind, type, amount, currency, fee, fee_currency, happened_at, attempt, "
                + "refund, result) select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            Column.Of((SettlementLineRow r) => r.Settlement, NpgsqlDbType.Uuid),
            Column.Of((SettlementLineRow r) => r.Matched.Line.Line, NpgsqlDbType.Integer),
            Column.Of((SettlementLineRow r) => r.Gateway, NpgsqlDbType.Text),
            Column.Of((SettlementLineRow r) => r.Matched.Line.Reference, NpgsqlDbType.Text),
            Column.Of((SettlementLineRow r) => r.Matched.Line.Kind, NpgsqlDbType.Text),
            Column.Of((SettlementLineRow r) => r.Matched.Line.Type, NpgsqlDbType.Text),
            Column.Of((SettlementLineRow r) => r.Matched.Line.Amount.Minor, NpgsqlDbType.Bigint),
            Column.Of((SettlementLineRow r) => r.Matched.Line.Amount.Currency.Code, NpgsqlDbType.Text),
            Column.Of((SettlementLineRow r) => r.Matched.Line.Fee?.Minor, NpgsqlDbType.Bigint),
            Column.Of((SettlementLineRow r) => r.Matched.Line.Fee?.Currency.Code, NpgsqlDbType.Text),
            Column.Of((SettlementLineRow r) => r.Matched.Line.HappenedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
            Column.Of((SettlementLineRow r) => r.Matched.Attempt, NpgsqlDbType.Uuid),
            Column.Of((SettlementLineRow r) => r.Matched.Refund, NpgsqlDbType.Uuid),
            Column.Of((SettlementLineRow r) => r.Matched.Result, NpgsqlDbType.Text)
        );
    }

    /// <summary>A line of a file, for reading.</summary>
    internal sealed class StoredLine
    {
        public required Guid SettlementId { get; init; }

        public required int Line { get; init; }

        public required string Gateway { get; init; }

        public required string Reference { get; init; }

        public required string Kind { get; init; }

        public required string Type { get; init; }

        public required long Amount { get; init; }

        public required string Currency { get; init; }

        public long? Fee { get; init; }

        public string? FeeCurrency { get; init; }

        public required DateTimeOffset HappenedAt { get; init; }

        public Guid? Attempt { get; init; }

        public Guid? Refund { get; init; }

        public required string Result { get; init; }

        public Amount Money => new(Amount, Florin.Money.Currency.Of(Currency));
    }
}

namespace Florin.Platform
{
    public sealed partial class FlorinDb
    {
        internal DbSet<ImportedSettlement> Settlements => Set<ImportedSettlement>();

        internal DbSet<StoredLine> SettlementLines => Set<StoredLine>();

        internal DbSet<SettlementException> SettlementExceptions => Set<SettlementException>();

        static partial void MapReconciliation(ModelBuilder model)
        {
            model.Entity<ImportedSettlement>(settlement =>
            {
                settlement.ToTable("settlements", "gateways");
                settlement.Property(s => s.Id).ValueGeneratedNever();
                settlement.Property(s => s.Totals).HasColumnType("jsonb");
            });
            model.Entity<StoredLine>(line =>
            {
                line.ToTable("settlement_lines", "gateways");
                line.HasKey(l => new { l.SettlementId, l.Line });
                line.Ignore(l => l.Money);
            });
            model.Entity<SettlementException>(exception =>
            {
                exception.ToTable("settlement_exceptions", "gateways");
                exception.Property(e => e.Id).ValueGeneratedNever();
            });
        }
    }
}
