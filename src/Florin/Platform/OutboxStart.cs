namespace Florin.Platform;

/// <summary>
/// Transaction ids begin anew where a dump was restored into another cluster: kept events and cursors would stand before everything that
/// happens from then on, and hide it for months. Such a database is known by ids that it has not handed out yet; its events are written anew.
/// </summary>
internal sealed partial class OutboxStart(Database database, ILogger<OutboxStart> log) : IHostedService
{
    private const string Foreign = """
        select exists (select from platform.outbox_cursors where xid > pg_snapshot_xmax(pg_current_snapshot()))
            or exists (select from platform.outbox where xid >= pg_snapshot_xmax(pg_current_snapshot()))
        """;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Source.CreateCommand(Foreign);
        if (await command.ExecuteScalarAsync(cancellationToken) is true && await RenewAsync(cancellationToken))
        {
            LogRenewed();
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // What every consumer has passed is dropped. The rest is delivered again, to those that were ahead a second time.
    private Task<bool> RenewAsync(CancellationToken cancel) =>
        database.TransactionAsync(
            async connection =>
            {
                await using var cursors = connection.CreateCommand();
                cursors.CommandText = "select from platform.outbox_cursors order by consumer for update"; // one server does it
                await cursors.ExecuteNonQueryAsync(cancel);
                await using var still = connection.CreateCommand();
                still.CommandText = Foreign;
                if (await still.ExecuteScalarAsync(cancel) is not true)
                {
                    return false;
                }

                await RenewAsync(connection, cancel);
                return true;
            },
            cancel
        );

    private static async Task RenewAsync(Npgsql.NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var renew = connection.CreateCommand();
        renew.CommandText = """
            with slowest as (
                select xid, id from platform.outbox_cursors where consumer <> $1 order by xid, id limit 1
            ), foreigner as (
                select coalesce(max(id), 0) as id from platform.outbox where xid >= pg_snapshot_xmax(pg_current_snapshot())
            ), dropped as (
                delete from platform.outbox o returning o.*,
                    o.xid < pg_snapshot_xmax(pg_current_snapshot()) and o.id > (select id from foreigner) as own,
                    not exists (select from slowest where (o.xid, o.id) <= (slowest.xid, slowest.id)) as waiting,
                    exists (select from platform.outbox_parked p where (p.xid, p.id) = (o.xid, o.id) and p.dead_at is null) as parked
            ), unparked as (
                delete from platform.outbox_parked
            ), moved as (
                update platform.outbox_cursors set xid = pg_snapshot_xmin(pg_current_snapshot()), id = 0, leased_by = null, leased_until = '-infinity'
            )
            insert into platform.outbox (topic, aggregate, payload, audience, secret, created_at)
            select topic, aggregate, payload, audience, secret, created_at from dropped
            where own or waiting or parked order by own, xid, id
            """;
        renew.Parameters.Add(new Npgsql.NpgsqlParameter<string> { TypedValue = OutboxRetention.Cursor });
        await renew.ExecuteNonQueryAsync(cancel);
    }

    [LoggerMessage(LogLevel.Warning, "the database was restored from a dump: events that were not delivered yet are delivered again")]
    private partial void LogRenewed();
}
