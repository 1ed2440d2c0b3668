using Npgsql;
using NpgsqlTypes;

namespace Florin.Platform;

/// <summary>
/// Something that happened and must be told outside: live messages, mail, webhooks, analytics. Written with the effect, delivered after it,
/// at least once and in order per aggregate.
/// </summary>
/// <param name="Topic">What happened: <c>module.past_participle</c>, such as <c>wallets.transferred</c>.</param>
/// <param name="Aggregate">The thing that it happened to; its events are delivered in order.</param>
/// <param name="Payload">JSON for the receivers. Nothing secret.</param>
/// <param name="Audience">People (or shops) that may see it live; empty for none.</param>
/// <param name="Secret">What must not be readable in the table, encrypted by <see cref="Secrets"/> and erased when sent.</param>
public sealed record OutboxEvent(string Topic, Guid Aggregate, string Payload, IReadOnlyList<Guid> Audience, byte[]? Secret = null);

/// <summary>Writes outbox events: with a ledger commit by <see cref="Row"/>, elsewhere by <see cref="Shape"/> in the transaction of the effect.</summary>
public static class Outbox
{
    /// <summary>The NOTIFY channel that wakes readers.</summary>
    public const string Channel = "florin_outbox";

    /// <summary>The insert. The transaction id is the row's own default.</summary>
    public static readonly InsertShape<OutboxEvent> Shape = new(
        "insert into platform.outbox (topic, aggregate, payload, audience, secret) "
            + "select u.topic, u.aggregate, u.payload, u.audience::uuid[], u.secret "
            + "from unnest($1, $2, $3, $4, $5) u(topic, aggregate, payload, audience, secret)",
        Column.Of((OutboxEvent e) => e.Topic, NpgsqlDbType.Text),
        Column.Of((OutboxEvent e) => e.Aggregate, NpgsqlDbType.Uuid),
        Column.Of((OutboxEvent e) => e.Payload, NpgsqlDbType.Jsonb),
        Column.Of((OutboxEvent e) => "{" + string.Join(',', e.Audience) + "}", NpgsqlDbType.Text),
        Column.Of((OutboxEvent e) => e.Secret, NpgsqlDbType.Bytea)
    );

    /// <summary>The statement that wakes readers when the transaction commits.</summary>
    public static NpgsqlBatchCommand Wake() => new($"select pg_notify('{Channel}', '')");

    /// <summary>The event as a row of a ledger commit.</summary>
    public static RowInsert Row(OutboxEvent happened) => Shape.Row(happened);
}
