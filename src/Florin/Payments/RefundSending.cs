using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Payments;

/// <summary>
/// Pays back through gateways: money that stands in refund clearing (late money: in suspense) leaves it when the gateway says so. The refund's id is
/// the gateway's idempotency key, so that asking twice pays once.
/// </summary>
internal sealed partial class RefundSending(
    IEnumerable<IPaymentMethod> methods,
    IServiceScopeFactory scopes,
    Database database,
    PaymentFacts facts,
    Checkout checkout,
    AttemptRows attempts,
    PaymentEvents events,
    GeneralLedger ledger,
    HouseAccounts house,
    TimeProvider clock,
    ILogger<RefundSending> log
)
{
    /// <summary>Every 10 seconds: refunds whose gateway did not answer, or works on them.</summary>
    public static readonly RecurringJob Job = new(
        "payments.send_refunds",
        "7/10 * * * * ?",
        (services, cancel) => services.GetRequiredService<RefundSending>().RunAsync(cancel)
    );

    private const int Page = 50;
    private readonly IReadOnlyDictionary<string, IGateway> gateways = methods.OfType<IGateway>().ToDictionary(one => one.Name, StringComparer.Ordinal);

    /// <summary>Sends all that are due.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        List<Guid> due;
        do
        {
            due = await ClaimDueAsync(cancel);
            await Parallel.ForEachAsync(
                due,
                new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel },
                async (refund, stop) => await SendAsync(refund, stop)
            );
        } while (due.Count == Page);
    }

    /// <summary>Asks the gateway to pay one back, or what became of it, and books what it says.</summary>
    /// <returns>What it said; null where no gateway is to pay it back.</returns>
    public async Task<RefundReport?> SendAsync(Guid id, CancellationToken cancel)
    {
        var refund = await FindAsync(id, cancel);
        if (refund is not { State: PaymentRefund.Pending, Destination: PaymentRefund.ToGateway })
        {
            return null;
        }

        var attempt = (await attempts.FindAsync(refund.AttemptId, cancel))!;
        if (gateways.GetValueOrDefault(attempt.Method) is not { } gateway)
        {
            return null;
        }

        var asked = new GatewayRefund(refund.Id, attempt.Id, attempt.GatewayReference, refund.Money, refund.Reason, refund.GatewayReference);
        var report = refund.GatewayReference is null
            ? await gateway.RefundAsync(asked, CancellationToken.None)
            : await gateway.InquireRefundAsync(asked, CancellationToken.None);
        await BookAsync(refund, attempt, report);
        return report;
    }

    /// <summary>A refund; null where there is none.</summary>
    public async Task<PaymentRefund?> FindAsync(Guid id, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<FlorinDb>().PaymentRefunds.AsNoTracking().SingleOrDefaultAsync(one => one.Id == id, cancel);
    }

    /// <summary>The commit by which a pending refund has gone back: out of clearing or suspense into the gateway's account.</summary>
    public async Task<LedgerCommit> DrawCompletedAsync(PaymentRefund refund, Attempt attempt, string? reference, CancellationToken cancel)
    {
        var payment = await facts.NowAsync(refund.PaymentId, cancel);
        var at = clock.GetUtcNow();
        var from = await house.IdAsync(refund.IsLate ? HouseAccount.Suspense : HouseAccount.RefundClearing, refund.Money.Currency, cancel);
        var to = await house.GatewayAsync(attempt.Method, refund.Money.Currency, cancel);
        var status = refund.IsLate ? payment.Status : Refunded(payment, refund.Amount);
        var commit = new LedgerCommit
        {
            Postings = { new PostingDraft("refund", new Move(from, to, refund.Amount)) { Reference = payment.Fact.PublicId } },
            Rows = { End(refund, PaymentRefund.Completed, reference, null, at) },
            Inserts = { events.Row(PaymentEvents.Refunded, payment.Fact, status, Ended(refund, PaymentRefund.Completed, reference, null, at)) },
        };
        if (!refund.IsLate)
        {
            commit.Rows.Add(RefundRows.Done(payment.Id, refund.Amount));
        }

        return commit;
    }

    private async Task BookAsync(PaymentRefund refund, Attempt attempt, RefundReport report)
    {
        try
        {
            switch (report.State)
            {
                case RefundState.Completed:
                    await ledger.CommitAsync(await DrawCompletedAsync(refund, attempt, report.Reference, CancellationToken.None));
                    return;
                case RefundState.Failed when !refund.IsLate:
                    await ledger.CommitAsync(await DrawFailedAsync(refund, report.Reference, report.FailureText, CancellationToken.None));
                    LogFailed(refund.Id, attempt.Method);
                    return;
                default:
                    await WaitAsync(refund, report);
                    return;
            }
        }
        catch (Refusal refusal) when (refusal.Reason == LedgerRefusals.AlreadyDone)
        {
            // Another server booked it.
        }
    }

    /// <summary>The commit by which a pending refund has failed: the payee has the money again.</summary>
    public async Task<LedgerCommit> DrawFailedAsync(PaymentRefund refund, string? reference, string? why, CancellationToken cancel)
    {
        var payment = await facts.NowAsync(refund.PaymentId, cancel);
        var at = clock.GetUtcNow();
        var from = await house.IdAsync(HouseAccount.RefundClearing, refund.Money.Currency, cancel);
        var commit = new LedgerCommit
        {
            Postings = { new PostingDraft("refund_failed", new Move(from, payment.AccountId, refund.Amount)) { Reference = payment.Fact.PublicId } },
            Rows = { End(refund, PaymentRefund.Failed, reference, why, at), RefundRows.Returned(payment.Id, refund.Amount) },
            Inserts = { events.Row(PaymentEvents.RefundFailed, payment.Fact, payment.Status, Ended(refund, PaymentRefund.Failed, reference, why, at)) },
        };
        await checkout.FulfilmentOf(payment.Fact).GiveAgainAsync(payment.Fact, refund.Money, commit, cancel);
        return commit;
    }

    private static PaymentStatus Refunded(Payment payment, long amount) =>
        payment.Status with
        {
            Refunded = payment.Refunded + amount,
            State = payment.Refunded + amount == payment.Amount ? PaymentStates.Refunded : PaymentStates.PartiallyRefunded,
        };

    private static RowChange End(PaymentRefund refund, string state, string? reference, string? why, DateTimeOffset at) =>
        new(
            "update payments.refunds set state = $2, gateway_reference = coalesce($3, gateway_reference), failure_text = $4, ended_at = $5, try_at = null "
                + "where id = $1 and state = 'pending'",
            [
                new NpgsqlParameter<Guid> { TypedValue = refund.Id },
                new NpgsqlParameter<string> { TypedValue = state },
                new NpgsqlParameter { Value = (object?)reference ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter { Value = (object?)why ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime },
            ],
            1,
            LedgerRefusals.AlreadyDone,
            "payments.refunds",
            refund.Id
        );

    private static PaymentRefund Ended(PaymentRefund refund, string state, string? reference, string? why, DateTimeOffset at) =>
        new()
        {
            Id = refund.Id,
            PaymentId = refund.PaymentId,
            AttemptId = refund.AttemptId,
            Amount = refund.Amount,
            Currency = refund.Currency,
            Destination = refund.Destination,
            Reason = refund.Reason,
            Note = refund.Note,
            State = state,
            GatewayReference = reference ?? refund.GatewayReference,
            FailureText = why,
            RequestedAt = refund.RequestedAt,
            EndedAt = at,
        };

    // Late money that its gateway refuses to take back waits for staff: somebody's money is never written off.
    private async Task WaitAsync(PaymentRefund refund, RefundReport report)
    {
        var manual = report.State == RefundState.Failed;
        await using var command = database.Source.CreateCommand(
            """
            update payments.refunds set gateway_reference = coalesce($2, gateway_reference), failure_text = coalesce($3, failure_text),
                destination = case when $4 then 'manual' else destination end, try_at = case when $4 then null else try_at end
            where id = $1 and state = 'pending'
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = refund.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)report.Reference ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)report.FailureText ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = manual });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        if (manual)
        {
            LogManual(refund.Id);
        }
    }

    private async Task<List<Guid>> ClaimDueAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            update payments.refunds r set tries = tries + 1, try_at = $1 + least(interval '1 hour', interval '10 seconds' * 2 ^ least(tries, 10))
            from (select id from payments.refunds where try_at <= $1 order by try_at limit $2 for update skip locked) due
            where r.id = due.id returning r.id
            """
        );
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Page });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var due = new List<Guid>();
        while (await reader.ReadAsync(cancel))
        {
            due.Add(reader.GetGuid(0));
        }

        return due;
    }

    [LoggerMessage(LogLevel.Warning, "refund {Refund} by {Method} failed; the payee has the money again")]
    private partial void LogFailed(Guid refund, string method);

    [LoggerMessage(LogLevel.Warning, "refund {Refund} of late money was refused by its gateway; staff must settle it")]
    private partial void LogManual(Guid refund);
}
