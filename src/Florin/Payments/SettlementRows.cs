using Florin.Activity;
using Florin.Money;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Payments;

/// <summary>The guarded changes of attempts and payments that settlement makes. Attempts are locked before their payment, everywhere.</summary>
internal sealed class SettlementRows(Database database, PaymentEvents events, ActivityLog activity, TimeProvider clock)
{
    /// <summary>Declined attempts after which a payment is given up: nobody tries stolen cards on it for ever.</summary>
    public const int MostFailures = 10;

    /// <summary>The attempt was captured, once.</summary>
    public static RowChange Capture(Attempt attempt, PaymentFact payment, GatewayReport report, Amount captured, string state, DateTimeOffset at) =>
        new(
            "update payments.attempts set state = $2, gateway_reference = coalesce($3, gateway_reference), taken = $4, taken_currency = $5, ended_at = $6, "
                + "inquire_at = null, contact = null, next_action = null, failure_code = null, failure_text = null, "
                + "payee = case when $2 = 'succeeded' then $7 end, paid_by = case when $2 = 'succeeded' then started_by end "
                + "where id = $1 and state not in ('succeeded', 'late')",
            [
                new NpgsqlParameter<Guid> { TypedValue = attempt.Id },
                new NpgsqlParameter<string> { TypedValue = state },
                new NpgsqlParameter { Value = (object?)report.Reference ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<long> { TypedValue = captured.Minor },
                new NpgsqlParameter<string> { TypedValue = captured.Currency.Code },
                new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime },
                new NpgsqlParameter<Guid> { TypedValue = payment.Payee },
            ],
            1,
            PaymentsRefusals.AttemptSettled,
            "payments.attempts",
            attempt.Id
        );

    /// <summary>The payment is paid by a gateway's money, also a little after its time as long as nobody ended it.</summary>
    public static RowChange Complete(PaymentFact payment, Attempt attempt, DateTimeOffset at) =>
        new(
            "update payments.payments set state = 'completed', method = $2, paid_by = $3, completed_at = $4 "
                + "where id = $1 and state in ('pending', 'processing')",
            [
                new NpgsqlParameter<Guid> { TypedValue = payment.Id },
                new NpgsqlParameter<string> { TypedValue = attempt.Method },
                new NpgsqlParameter { Value = attempt.StartedBy ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime },
            ],
            1,
            PaymentsRefusals.NotPayable,
            "payments.payments",
            payment.Id
        );

    /// <summary>The attempt ended without money; the payment can be paid otherwise, unless too many were declined.</summary>
    public Task EndAsync(Attempt attempt, PaymentFact payment, GatewayReport report)
    {
        var now = clock.GetUtcNow();
        var failed = report.State == ChargeState.Failed;
        return database.TransactionAsync(
            async connection =>
            {
                var wasLive = await EndAttemptAsync(connection, attempt, report, now);
                if (wasLive is null)
                {
                    return false; // ended before
                }

                var state = wasLive.Value ? await ReopenAsync(connection, payment.Id, failed, now) : null;
                var status = new PaymentStatus(state ?? PaymentStates.Pending, EndedAt: state is PaymentStates.Failed ? now : null);
                if (failed && wasLive.Value)
                {
                    var shown = Failed(attempt, report, now);
                    await connection.InsertAsync(
                        CancellationToken.None,
                        events.Row(PaymentEvents.AttemptFailed, payment, status, shown),
                        ActivityLog.Row(
                            activity.Entry(
                                "payments.attempt_failed",
                                attempt.StartedBy,
                                new
                                {
                                    payment = payment.PublicId,
                                    attempt.Method,
                                    code = report.FailureCode,
                                }
                            )
                        )
                    );
                    if (state is PaymentStates.Failed)
                    {
                        await connection.InsertAsync(CancellationToken.None, events.Row(PaymentEvents.Failed, payment, status));
                    }
                }

                return true;
            },
            CancellationToken.None
        );
    }

    /// <summary>We give the attempt up, and watch it.</summary>
    public Task AbandonAsync(Attempt attempt) =>
        database.TransactionAsync(
            async connection =>
            {
                await using var abandon = new NpgsqlCommand("update payments.attempts set state = 'abandoned' where id = $1 and state = 'live'", connection);
                abandon.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = attempt.Id });
                if (await abandon.ExecuteNonQueryAsync(CancellationToken.None) == 1)
                {
                    await ReopenAsync(connection, attempt.PaymentId, failed: false, clock.GetUtcNow());
                }

                return true;
            },
            CancellationToken.None
        );

    /// <summary>A payment of which no attempt is live can be paid again.</summary>
    public async Task ReleaseAsync(Guid payment)
    {
        await using var command = database.Source.CreateCommand(
            """
            update payments.payments set state = 'pending'
            where id = $1 and state = 'processing' and not exists (select from payments.attempts where payment_id = $1 and state = 'live')
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payment });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    // Whether it was live; null where it had ended already.
    private static async Task<bool?> EndAttemptAsync(NpgsqlConnection connection, Attempt attempt, GatewayReport report, DateTimeOffset now)
    {
        await using var end = new NpgsqlCommand(
            """
            with found as (select id, state from payments.attempts where id = $1 and state in ('live', 'abandoned') for update)
            update payments.attempts a set state = $2, gateway_reference = coalesce($3, gateway_reference), failure_code = $4, failure_text = $5, ended_at = $6,
                inquire_at = null, contact = null, next_action = null
            from found where a.id = found.id returning found.state = 'live'
            """,
            connection
        );
        end.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = attempt.Id });
        end.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StateOf(report) });
        end.Parameters.Add(new NpgsqlParameter { Value = (object?)report.Reference ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        end.Parameters.Add(new NpgsqlParameter { Value = (object?)report.FailureCode ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        end.Parameters.Add(new NpgsqlParameter { Value = (object?)report.FailureText ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        end.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        return await end.ExecuteScalarAsync(CancellationToken.None) as bool?;
    }

    // The state that it has now; null where it was not being processed.
    private static async Task<string?> ReopenAsync(NpgsqlConnection connection, Guid payment, bool failed, DateTimeOffset now)
    {
        await using var reopen = new NpgsqlCommand(
            """
            update payments.payments set failed_attempts = failed_attempts + $2,
                state = case when failed_attempts + $2 >= $3 then 'failed' else 'pending' end,
                ended_at = case when failed_attempts + $2 >= $3 then $4::timestamptz end
            where id = $1 and state = 'processing' returning state
            """,
            connection
        );
        reopen.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payment });
        reopen.Parameters.Add(new NpgsqlParameter<int> { TypedValue = failed ? 1 : 0 });
        reopen.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostFailures });
        reopen.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        return await reopen.ExecuteScalarAsync(CancellationToken.None) as string;
    }

    private static string StateOf(GatewayReport report) => report.State == ChargeState.Failed ? AttemptStates.Failed : AttemptStates.Cancelled;

    private static Attempt Failed(Attempt attempt, GatewayReport report, DateTimeOffset now) =>
        new()
        {
            Id = attempt.Id,
            PaymentId = attempt.PaymentId,
            Method = attempt.Method,
            State = StateOf(report),
            FailureCode = report.FailureCode,
            FailureText = report.FailureText,
            StartedAt = attempt.StartedAt,
            EndedAt = now,
        };
}
