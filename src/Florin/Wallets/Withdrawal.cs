using Florin.Money;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Wallets;

/// <summary>Money on its way out of a wallet.</summary>
internal sealed class Withdrawal
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "wdr";

    /// <summary>It stands in payout clearing.</summary>
    public const string Pending = "pending";

    /// <summary>It left.</summary>
    public const string Paid = "paid";

    /// <summary>It went back to the wallet.</summary>
    public const string Failed = "failed";

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>From which wallet.</summary>
    public required Guid WalletId { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>The wallet's currency.</summary>
    public required string Currency { get; init; }

    /// <summary>What its owner wrote.</summary>
    public string? Note { get; init; }

    /// <summary>One of the three states.</summary>
    public required string State { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it was paid or failed.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The insert of new withdrawals.</summary>
    public static readonly InsertShape<Withdrawal> Shape = new(
        "insert into wallets.withdrawals (id, wallet_id, amount, currency, note, state, requested_at, ended_at) "
            + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)",
        Column.Of((Withdrawal w) => w.Id, NpgsqlDbType.Uuid),
        Column.Of((Withdrawal w) => w.WalletId, NpgsqlDbType.Uuid),
        Column.Of((Withdrawal w) => w.Amount, NpgsqlDbType.Bigint),
        Column.Of((Withdrawal w) => w.Currency, NpgsqlDbType.Text),
        Column.Of((Withdrawal w) => w.Note, NpgsqlDbType.Text),
        Column.Of((Withdrawal w) => w.State, NpgsqlDbType.Text),
        Column.Of((Withdrawal w) => w.RequestedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((Withdrawal w) => w.EndedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
    );
}

/// <summary>A withdrawal as it is answered.</summary>
internal sealed record WithdrawalView(string Id, string Wallet, Amount Amount, string State, string? Note, DateTimeOffset RequestedAt, DateTimeOffset? EndedAt)
{
    public static WithdrawalView Of(Withdrawal row) =>
        new(
            Ids.Show(Withdrawal.Prefix, row.Id),
            Ids.Show(Wallets.Wallet.Prefix, row.WalletId),
            new Amount(row.Amount, Currency.Of(row.Currency)),
            row.State,
            row.Note,
            row.RequestedAt,
            row.EndedAt
        );
}
