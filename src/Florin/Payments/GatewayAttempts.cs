using Florin.Activity;
using Florin.Identity;
using Florin.Platform;
using Npgsql;

namespace Florin.Payments;

/// <summary>
/// Starts to collect by a gateway (M5): the intent is stored, then the gateway is asked with the attempt's id as its idempotency key, then its
/// answer is stored. Whatever happens between is found out by asking again, never by charging again.
/// </summary>
internal sealed class GatewayAttempts(
    Database database,
    Idempotency idempotency,
    PaymentFacts facts,
    Checkout checkout,
    PaymentEvents events,
    PaymentViews views,
    Settlement settlement,
    AttemptRows rows,
    Secrets secrets,
    ActivityLog activity,
    IServiceScopeFactory scopes,
    TimeProvider clock
)
{
    // Longer than any gateway's client waits: whoever comes back with the key until then is told to wait.
    private static readonly TimeSpan FirstInquiry = TimeSpan.FromSeconds(30);

    /// <summary>Starts, or tells what became of the call with this key.</summary>
    /// <exception cref="Refusal"><c>payment_not_payable</c>, <c>payment_in_progress</c>, <c>idempotency_key_in_use</c>, <c>idempotency_key_reused</c></exception>
    public async Task<Answer> StartAsync(
        PaymentFact payment,
        IGateway gateway,
        PayOrder order,
        PayerContact contact,
        IdempotencyKey key,
        CancellationToken cancel
    )
    {
        if (await idempotency.FindAsync(key, cancel) is { } kept)
        {
            return kept.Body is not null ? kept : await RepeatAsync(payment, key, cancel);
        }

        if (order.Caller is { } caller && payment.Payer is { } only && caller.Person != only)
        {
            throw PaymentsRefusals.OtherPayer.With();
        }

        await checkout.FulfilmentOf(payment).DemandDeliverableAsync(payment, cancel);
        if (await BeginAsync(payment, gateway, order, await CompleteAsync(contact, order, cancel), key, cancel) is not { } attempt)
        {
            return await RepeatAsync(payment, key, cancel);
        }

        // From here on the request may end as it likes: the gateway is asked, and its answer stored.
        var report = await gateway.StartAsync(attempt.Charge(payment, secrets), CancellationToken.None);
        await settlement.BookAsync(attempt, payment, report);
        var answer = await AnswerAsync(payment, (await rows.FindAsync(attempt.Id, CancellationToken.None))!, CancellationToken.None);
        // What lets a browser pay stands encrypted with the attempt, and nowhere else.
        await KeepAsync(key, report.Next?.ClientSecret is null ? answer : answer with { Body = null });
        return answer;
    }

    // The call with this key was made before: what became of its attempt, once its gateway has answered or cannot any more.
    private async Task<Answer> RepeatAsync(PaymentFact payment, IdempotencyKey key, CancellationToken cancel)
    {
        var attempt = await rows.OfKeyAsync(key.Id, cancel) ?? throw PlatformRefusals.IdempotencyKeyInUse.With();
        return attempt.PaymentId != payment.Id ? throw PlatformRefusals.IdempotencyKeyReused.With()
            : attempt.NextAction is null && attempt.MayCapture && clock.GetUtcNow() - attempt.StartedAt < FirstInquiry
                ? throw PlatformRefusals.IdempotencyKeyInUse.With()
            : await AnswerAsync(payment, attempt, cancel) with { Replayed = true };
    }

    private async Task<Answer> AnswerAsync(PaymentFact payment, Attempt attempt, CancellationToken cancel)
    {
        var now = (await facts.NowAsync(payment.Id, cancel)).Status;
        var next = attempt.NextAction is { } secret ? attempt.Open<NextAction>(secrets, secret) : null;
        return Answer.Json(now.Open && attempt.MayCapture ? 202 : 200, new PayPayment.Response(views.Of(payment, now), AttemptView.Of(attempt, next)));
    }

    // Null where the key has an attempt already.
    private async Task<Attempt?> BeginAsync(
        PaymentFact payment,
        IGateway gateway,
        PayOrder order,
        PayerContact contact,
        IdempotencyKey key,
        CancellationToken cancel
    )
    {
        for (var turn = 0; ; turn++)
        {
            var now = clock.GetUtcNow();
            var id = Ids.New();
            var attempt = new Attempt
            {
                Id = id,
                PaymentId = payment.Id,
                Method = gateway.Name,
                State = AttemptStates.Live,
                StartedBy = order.Caller?.Person,
                Contact = Attempt.Seal(secrets, id, contact),
                KeyId = key.Id,
                StartedAt = now,
                InquireAt = now + FirstInquiry,
            };
            if (await TryBeginAsync(payment, attempt, order.Http, cancel))
            {
                return attempt;
            }

            if (await rows.OfKeyAsync(key.Id, cancel) is not null)
            {
                return null;
            }

            var state = (await facts.NowAsync(payment.Id, cancel)).Status;
            if (!state.Open || payment.ExpiresAt <= now)
            {
                throw PaymentsRefusals.NotPayable.With($"It is {(state.Open ? PaymentStates.Expired : state.State)}.");
            }

            if (turn > 0)
            {
                throw PaymentsRefusals.InProgress.With();
            }

            // The payer came back and chose anew: what they left behind is called off first.
            await settlement.CloseLiveAsync(payment, cancel);
        }
    }

    private async Task<bool> TryBeginAsync(PaymentFact payment, Attempt attempt, HttpContext http, CancellationToken cancel)
    {
        var status = new PaymentStatus(PaymentStates.Processing);
        var entry = activity.Entry(http, "payments.attempt_started", details: new { payment = payment.PublicId, method = attempt.Method });
        try
        {
            return await database.TransactionAsync(
                async connection =>
                {
                    await connection.InsertAsync(cancel, Attempt.Shape.Row(attempt));
                    await using var take = new NpgsqlCommand(
                        "update payments.payments set state = 'processing' where id = $1 and state = 'pending' and expires_at > $2",
                        connection
                    );
                    take.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payment.Id });
                    take.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = attempt.StartedAt.UtcDateTime });
                    if (await take.ExecuteNonQueryAsync(cancel) != 1)
                    {
                        throw PaymentsRefusals.NotPayable.With(); // rolls back
                    }

                    await connection.InsertAsync(cancel, events.Row(PaymentEvents.Processing, payment, status), ActivityLog.Row(entry));
                    return true;
                },
                cancel
            );
        }
        catch (Refusal refusal) when (refusal.Reason == PaymentsRefusals.NotPayable)
        {
            return false;
        }
        catch (PostgresException e) when (e.ConstraintName is "attempts_live" or "attempts_key")
        {
            return false;
        }
    }

    // What a signed-in payer leaves out is known of them.
    private async Task<PayerContact> CompleteAsync(PayerContact given, PayOrder order, CancellationToken cancel)
    {
        if (order.Caller is not { } caller || (given.Name, given.Email, given.Phone) is (not null, not null, not null))
        {
            return given;
        }

        await using var scope = scopes.CreateAsyncScope();
        var person = await scope.ServiceProvider.GetRequiredService<People>().FindAsync(caller.Person, cancel);
        return new PayerContact(given.Name ?? person?.DisplayName, given.Email ?? person?.Email, given.Phone ?? person?.Phone ?? person?.ContactNumber);
    }

    private async Task KeepAsync(IdempotencyKey key, Answer answer)
    {
        await using var batch = database.Source.CreateBatch();
        batch.BatchCommands.Add(Idempotency.Shape.Row(new KeptRow(key, answer, clock.GetUtcNow())).Command());
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
