using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Payments;

/// <summary>Reads attempts, and writes down what changes of them without money.</summary>
internal sealed class AttemptRows(IServiceScopeFactory scopes, Database database, Secrets secrets, TimeProvider clock)
{
    /// <summary>An attempt; null where there is none.</summary>
    public Task<Attempt?> FindAsync(Guid id, CancellationToken cancel) => ReadAsync(attempts => attempts.Where(one => one.Id == id), cancel);

    /// <summary>The attempt of a caller's idempotency key.</summary>
    public Task<Attempt?> OfKeyAsync(Guid key, CancellationToken cancel) => ReadAsync(attempts => attempts.Where(one => one.KeyId == key), cancel);

    /// <summary>The attempt that may be captured any moment.</summary>
    public Task<Attempt?> LiveAsync(Guid payment, CancellationToken cancel) =>
        ReadAsync(attempts => attempts.Where(one => one.PaymentId == payment && one.State == AttemptStates.Live), cancel);

    /// <summary>The attempts whose gateways may still take money.</summary>
    public async Task<List<Attempt>> MayCaptureAsync(Guid payment, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<FlorinDb>()
            .PaymentAttempts.AsNoTracking()
            .Where(one => one.PaymentId == payment && (one.State == AttemptStates.Live || one.State == AttemptStates.Abandoned))
            .ToListAsync(cancel);
    }

    /// <summary>The attempt that paid.</summary>
    public Task<Attempt?> SucceededAsync(Guid payment, CancellationToken cancel) =>
        ReadAsync(attempts => attempts.Where(one => one.PaymentId == payment && one.State == AttemptStates.Succeeded), cancel);

    /// <summary>The attempt goes on: what its gateway said of it so far, and when to ask again.</summary>
    public async Task WaitAsync(Attempt attempt, GatewayReport report, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            update payments.attempts set gateway_reference = coalesce($2, gateway_reference), next_action = coalesce($3, next_action),
                inquire_at = case when state = 'abandoned' and started_at < $4 then null else $5 end
            where id = $1 and state in ('live', 'abandoned')
            """
        );
        var now = clock.GetUtcNow();
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = attempt.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)report.Reference ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(
            new NpgsqlParameter
            {
                Value = report.Next is null ? DBNull.Value : Attempt.Seal(secrets, attempt.Id, report.Next),
                NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea,
            }
        );
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - GiveUpAfter).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now + Pause(attempt.Inquiries)).UtcDateTime });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Attempts whose gateway is to be asked now. Another server leaves them alone until the next time.</summary>
    public async Task<List<Guid>> ClaimDueAsync(int limit, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using var command = database.Source.CreateCommand(
            """
            update payments.attempts a set inquiries = inquiries + 1, inquire_at = $1 + least(interval '10 minutes', interval '10 seconds' * 2 ^ least(inquiries, 10))
            from (select id from payments.attempts where inquire_at <= $1 order by inquire_at limit $2 for update skip locked) due
            where a.id = due.id returning a.id
            """
        );
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var due = new List<Guid>();
        while (await reader.ReadAsync(cancel))
        {
            due.Add(reader.GetGuid(0));
        }

        return due;
    }

    // An abandoned charge that its gateway still calls open after so long is left to staff, and to the gateway's own callback.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(4);

    // 10 s, doubled each time up to 10 minutes.
    private static TimeSpan Pause(int inquiries) => TimeSpan.FromSeconds(Math.Min(600, 10L << Math.Min(inquiries, 10)));

    private async Task<Attempt?> ReadAsync(Func<IQueryable<Attempt>, IQueryable<Attempt>> which, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await which(scope.ServiceProvider.GetRequiredService<FlorinDb>().PaymentAttempts.AsNoTracking()).SingleOrDefaultAsync(cancel);
    }
}
