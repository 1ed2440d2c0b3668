using Florin.Activity;
using Florin.Ledger;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Payments;

/// <summary>Pays by a method that collects within the commit: payment, attempt, money and what was bought change together or not at all.</summary>
internal sealed class InstantPayment(
    Checkout checkout,
    PaymentFacts facts,
    Settlement settlement,
    Challenges challenges,
    GeneralLedger ledger,
    ActivityLog activity,
    TimeProvider clock
)
{
    /// <summary>Pays.</summary>
    /// <exception cref="Refusal">Those of method and ledger; <c>payment_not_payable</c>, <c>payment_in_progress</c></exception>
    public async Task<Answer> PayAsync(PaymentFact payment, IInstantMethod method, PayOrder order, IdempotencyKey key, CancellationToken cancel)
    {
        var collected = await method.CollectAsync(payment, order, cancel);
        CheckPayer(payment, collected.Payer);
        if (order.Challenge is not null)
        {
            collected = collected with { Rows = [.. collected.Rows, challenges.Use(order.Challenge, payment, collected)] };
        }

        var commit = await DrawAsync(payment, method, collected, order, key, cancel);
        try
        {
            return (await ledger.CommitAsync(commit)).Required;
        }
        catch (Refusal refusal) when (refusal.Reason.Status < StatusCodes.Status500InternalServerError)
        {
            if (order.Challenge is not null)
            {
                await challenges.ExplainAsync(order.Challenge, payment, collected, cancel);
            }

            var now = (await facts.NowAsync(payment.Id, cancel)).Status;
            if (!now.Open || refusal.Reason == PaymentsRefusals.NotPayable && now.State is PaymentStates.Pending)
            {
                // Also where the money is short: that it is paid already matters more.
                throw PaymentsRefusals.NotPayable.With($"It is {(now.Open ? PaymentStates.Expired : now.State)}.");
            }

            if (refusal.Reason != PaymentsRefusals.NotPayable)
            {
                throw;
            }

            // A gateway holds it. That is called off first: the payer stands here and pays otherwise.
            await settlement.CloseLiveAsync(payment, cancel);
            commit = await DrawAsync(payment, method, collected, order, key, cancel);
            return (await ledger.CommitAsync(commit)).Required;
        }
    }

    private async Task<LedgerCommit> DrawAsync(
        PaymentFact payment,
        IInstantMethod method,
        Collection collected,
        PayOrder order,
        IdempotencyKey key,
        CancellationToken cancel
    )
    {
        var at = clock.GetUtcNow();
        var attempt = Attempt.Instant(payment, method.Name, collected, collected.Payer ?? order.Caller?.Person, at);
        var commit = await checkout.CompleteAsync(
            payment,
            attempt,
            collected,
            key,
            view =>
            {
                var answer = Answer.Json(200, new PayPayment.Response(view, AttemptView.Of(attempt)));
                return _ => answer;
            },
            cancel
        );
        commit.Inserts.Add(Attempt.Shape.Row(attempt));
        commit.Inserts.Add(
            ActivityLog.Row(
                activity.Entry(
                    order.Http,
                    "payments.paid",
                    collected.Payer,
                    new
                    {
                        payment = payment.PublicId,
                        method = method.Name,
                        payment.Amount,
                    }
                )
            )
        );
        commit.Rows.Add(Complete(payment, attempt, collected.Payer));
        return commit;
    }

    /// <summary>A payment for one person is paid by nobody else.</summary>
    /// <exception cref="Refusal"><c>other_payer</c></exception>
    public static void CheckPayer(PaymentFact payment, Guid? payer)
    {
        if (payment.Payer is { } only && payer is { } other && only != other)
        {
            throw PaymentsRefusals.OtherPayer.With();
        }
    }

    // Shared by all payments of a batch.
    private static readonly GuardShape<(Guid Payment, string Method, Guid? Payer, DateTime At)> Completed = new(
        "update payments.payments p set state = 'completed', method = v.method, paid_by = v.payer, completed_at = v.at "
            + "from unnest($1, $2, $3, $4) v(id, method, payer, at) where p.id = v.id and p.state = 'pending' and p.expires_at > v.at returning p.id",
        "payments.payments",
        PaymentsRefusals.NotPayable,
        Column.Of(((Guid Payment, string Method, Guid? Payer, DateTime At) c) => c.Payment, NpgsqlDbType.Uuid),
        Column.Of(((Guid Payment, string Method, Guid? Payer, DateTime At) c) => c.Method, NpgsqlDbType.Text),
        Column.Of(((Guid Payment, string Method, Guid? Payer, DateTime At) c) => c.Payer, NpgsqlDbType.Uuid),
        Column.Of(((Guid Payment, string Method, Guid? Payer, DateTime At) c) => c.At, NpgsqlDbType.TimestampTz)
    );

    private static RowChange Complete(PaymentFact payment, Attempt attempt, Guid? payer) =>
        Completed.Row(payment.Id, (payment.Id, attempt.Method, payer, attempt.EndedAt!.Value.UtcDateTime));
}
