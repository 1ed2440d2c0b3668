using System.Buffers.Text;
using System.Security.Cryptography;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Gateways.Sandbox;

/// <summary>A charge of the sandbox gateway.</summary>
internal sealed record SandboxCharge(Guid Attempt, string Token, string Code, string Payee, string? Description, Amount Amount, string Script, string State)
{
    public const string Waiting = "waiting";
    public const string Captured = "captured";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
    public const string Expired = "expired";
}

/// <summary>The sandbox gateway's own memory, so that whoever asks is told the truth, after a restart too.</summary>
internal sealed class SandboxCharges(Database database, TimeProvider clock)
{
    private const string Columns = "attempt, token, code, payee, description, amount, currency, script, state";

    /// <summary>Begins a charge, or finds the one that this attempt has.</summary>
    /// <returns>The charge, and whether it is new.</returns>
    public async Task<(SandboxCharge Charge, bool Fresh)> BeginAsync(GatewayCharge charge, string script, CancellationToken cancel)
    {
        var payment = charge.Payment;
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        await using var insert = database.Source.CreateCommand(
            $"insert into gateways.sandbox_charges ({Columns}, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9) on conflict do nothing"
        );
        Add(insert, charge.Attempt, token, payment.Code, payment.PayeeName);
        insert.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = payment.Description });
        insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = charge.Amount.Minor });
        Add(insert, charge.Amount.Currency.Code, script, clock.GetUtcNow().UtcDateTime);
        var fresh = await insert.ExecuteNonQueryAsync(cancel) == 1;
        return ((await FindAsync(charge.Attempt, cancel))!, fresh);
    }

    /// <summary>The charge of an attempt.</summary>
    public Task<SandboxCharge?> FindAsync(Guid attempt, CancellationToken cancel) =>
        ReadAsync(database.Source.CreateCommand($"select {Columns} from gateways.sandbox_charges where attempt = $1"), attempt, cancel);

    /// <summary>The charge of a page.</summary>
    public Task<SandboxCharge?> FindByTokenAsync(string token, CancellationToken cancel) =>
        ReadAsync(database.Source.CreateCommand($"select {Columns} from gateways.sandbox_charges where token = $1"), token, cancel);

    /// <summary>Ends a charge that waits, with the callbacks that the script plans; nothing happens to one that has ended.</summary>
    public async Task EndAsync(SandboxCharge charge, string state, string script, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await database.TransactionAsync(
            async connection =>
            {
                await using var update = new NpgsqlCommand(
                    "update gateways.sandbox_charges set state = $2, ended_at = $3 where attempt = $1 and state = 'waiting'",
                    connection
                );
                Add(update, charge.Attempt, state, now.UtcDateTime);
                if (await update.ExecuteNonQueryAsync(cancel) == 1)
                {
                    await PlanAsync(connection, charge.Attempt, SandboxScripts.Plan(charge, state, script, now), cancel);
                }

                return true;
            },
            cancel
        );
    }

    /// <summary>Pays back, once for each refund, and never more than was captured.</summary>
    /// <returns>When it ends; null where it is refused.</returns>
    public Task<DateTimeOffset?> RefundAsync(GatewayRefund refund, CancellationToken cancel) =>
        database.TransactionAsync<DateTimeOffset?>(
            async connection =>
            {
                var charge = await ReadAsync(
                    new NpgsqlCommand($"select {Columns} from gateways.sandbox_charges where attempt = $1 for update", connection),
                    refund.Attempt,
                    cancel
                );
                if (
                    charge is null
                    || charge.State is not SandboxCharge.Captured
                    || charge.Amount.Currency != refund.Amount.Currency
                    || refund.Amount.Minor <= 0
                )
                {
                    return null;
                }

                if (await FindRefundAsync(connection, refund.Refund, cancel) is { } known)
                {
                    return known;
                }

                var now = clock.GetUtcNow();
                var ends = SandboxScripts.RefundEnds(charge.Script, now);
                await using var insert = new NpgsqlCommand(
                    "insert into gateways.sandbox_refunds (refund, attempt, amount, completes_at) select $1, $2, $3, $4 "
                        + "where (select coalesce(sum(amount), 0) from gateways.sandbox_refunds where attempt = $2) + $3 <= $5",
                    connection
                );
                Add(insert, refund.Refund, refund.Attempt, refund.Amount.Minor, ends.UtcDateTime, charge.Amount.Minor);
                if (await insert.ExecuteNonQueryAsync(cancel) == 0)
                {
                    return null;
                }

                await PlanAsync(connection, refund.Attempt, [SandboxScripts.RefundEvent(charge, refund.Refund, ends)], cancel);
                return ends;
            },
            cancel
        );

    /// <summary>When a refund ends; null where there is none.</summary>
    public async Task<DateTimeOffset?> FindRefundAsync(Guid refund, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await FindRefundAsync(connection, refund, cancel);
    }

    private static async Task<DateTimeOffset?> FindRefundAsync(NpgsqlConnection connection, Guid refund, CancellationToken cancel)
    {
        await using var find = new NpgsqlCommand("select completes_at from gateways.sandbox_refunds where refund = $1", connection);
        Add(find, refund);
        return await find.ExecuteScalarAsync(cancel) is DateTime at ? new DateTimeOffset(at) : null;
    }

    private static async Task PlanAsync(NpgsqlConnection connection, Guid attempt, IReadOnlyList<SandboxCallback> callbacks, CancellationToken cancel)
    {
        foreach (var callback in callbacks)
        {
            await using var insert = new NpgsqlCommand(
                "insert into gateways.sandbox_callbacks (id, attempt, body, forged, captures, due_at) values ($1, $2, $3, $4, $5, $6)",
                connection
            );
            Add(insert, Ids.New(), attempt, callback.Body, callback.Forged, callback.Captures, callback.DueAt.UtcDateTime);
            await insert.ExecuteNonQueryAsync(cancel);
        }
    }

    private static async Task<SandboxCharge?> ReadAsync(NpgsqlCommand command, object key, CancellationToken cancel)
    {
        await using var disposed = command;
        Add(command, key);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new SandboxCharge(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                await reader.IsDBNullAsync(4, cancel) ? null : reader.GetString(4),
                new Amount(reader.GetInt64(5), Currency.Of(reader.GetString(6))),
                reader.GetString(7),
                reader.GetString(8)
            )
            : null;
    }

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(
                value is DateTime at ? new NpgsqlParameter { Value = at, NpgsqlDbType = NpgsqlDbType.TimestampTz } : new NpgsqlParameter { Value = value }
            );
        }
    }
}
