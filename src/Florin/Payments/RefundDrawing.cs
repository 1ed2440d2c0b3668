using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>A refund on its way into the ledger.</summary>
/// <param name="Row">The refund.</param>
/// <param name="Commit">What makes it so.</param>
internal sealed record DrawnRefund(PaymentRefund Row, LedgerCommit Commit);

/// <summary>Decides how money goes back, and draws the commit.</summary>
internal sealed class RefundDrawing(
    IEnumerable<IPaymentMethod> methods,
    Checkout checkout,
    AttemptRows attempts,
    PaymentEvents events,
    HouseAccounts house,
    TimeProvider clock
)
{
    private const string WalletMethod = "wallet";

    private readonly IReadOnlyDictionary<string, IPaymentMethod> methods = methods.ToDictionary(one => one.Name, StringComparer.Ordinal);

    /// <summary>Draws a refund of a payment as it is now; the commit is refused with <c>already_done</c> where another refund comes between.</summary>
    /// <exception cref="Refusal"><c>payment_not_refundable</c>, <c>refund_too_large</c> and those of fulfilment and method</exception>
    public async Task<DrawnRefund> DrawAsync(Payment payment, RefundPayment.Request request, Guid by, IdempotencyKey key, CancellationToken cancel)
    {
        var amount = AmountOf(payment, request, await checkout.FulfilmentOf(payment.Fact).RefundableAsync(payment.Fact, cancel));
        var attempt = (await attempts.SucceededAsync(payment.Id, cancel))!;
        var back = await WayBackAsync(payment, attempt, amount, cancel);
        var now = clock.GetUtcNow();
        var row = new PaymentRefund
        {
            Id = Ids.New(),
            PaymentId = payment.Id,
            AttemptId = attempt.Id,
            Amount = amount.Minor,
            Currency = amount.Currency.Code,
            Destination = back.Destination,
            Given = back.Done?.Given.Minor,
            GivenCurrency = back.Done?.Given.Currency.Code,
            Reason = request.Reason,
            Note = string.IsNullOrWhiteSpace(request.Note) ? null : request.Note.Trim(),
            State = back.Done is null ? PaymentRefund.Pending : PaymentRefund.Completed,
            RequestedBy = by,
            TryAt = back.Destination is PaymentRefund.ToGateway ? now : null,
            RequestedAt = now,
            EndedAt = back.Done is null ? null : now,
        };
        var commit = new LedgerCommit
        {
            Key = key,
            PayerProven = true, // the payee's own limit guards what they pay, not what they give back
            Inserts = { PaymentRefund.Shape.Row(row) },
            Complete = outcome =>
            {
                back.Done?.Told?.Invoke(outcome);
                return Answer.Json(201, RefundView.Of(row));
            },
        };
        await FillAsync(commit, payment, row, back.Done, cancel);
        var part = new RefundPart(row.Id, amount, new Amount(payment.RefundReserved, amount.Currency));
        await checkout.FulfilmentOf(payment.Fact).TakeBackAsync(payment.Fact, part, commit, cancel);
        return new DrawnRefund(row, commit);
    }

    private async Task FillAsync(LedgerCommit commit, Payment payment, PaymentRefund row, GiveBack? done, CancellationToken cancel)
    {
        var fact = payment.Fact;
        if (done is not null)
        {
            var refunded = payment.Refunded + row.Amount;
            var status = payment.Status with
            {
                Refunded = refunded,
                State = refunded == payment.Amount ? PaymentStates.Refunded : PaymentStates.PartiallyRefunded,
            };
            commit.Postings.Add(new PostingDraft("refund", done.Moves(payment.AccountId)) { Reference = fact.PublicId });
            commit.Postings.AddRange(done.Postings);
            commit.Rows.Add(RefundRows.ReserveDone(payment.Id, row.Amount, payment.RefundReserved));
            commit.Inserts.Add(events.Row(PaymentEvents.Refunded, fact, status, row));
            return;
        }

        var clearing = await house.IdAsync(HouseAccount.RefundClearing, row.Money.Currency, cancel);
        commit.Postings.Add(new PostingDraft("refund", new Move(payment.AccountId, clearing, row.Amount)) { Reference = fact.PublicId });
        commit.Rows.Add(RefundRows.Reserve(payment.Id, row.Amount, payment.RefundReserved));
        commit.Inserts.Add(events.Row(PaymentEvents.RefundRequested, fact, payment.Status, row));
    }

    // To where it came from. Where its gateway cannot pay back, to the payer's wallet, and where there is none, by hand.
    private async Task<(string Destination, GiveBack? Done)> WayBackAsync(Payment payment, Attempt attempt, Amount amount, CancellationToken cancel)
    {
        var method = methods.GetValueOrDefault(attempt.Method);
        if (method is IGateway gateway && gateway.RefundStep(amount.Currency) is { } step)
        {
            // Before anything is taken back from the payee: what the gateway cannot say it would refuse afterwards.
            return amount.Minor % step == 0
                ? (PaymentRefund.ToGateway, null)
                : throw PaymentsRefusals.RefundNotInSteps.With($"{gateway.Name} pays back multiples of {new Amount(step, amount.Currency)}.");
        }

        var order = new RefundOrder(
            payment.Fact,
            payment.PaidBy,
            attempt.Source,
            attempt.TakenAmount!.Value,
            amount,
            new Amount(payment.RefundReserved, amount.Currency)
        );
        if (method is IInstantMethod instant)
        {
            return (instant.Name is WalletMethod ? PaymentRefund.ToWallet : PaymentRefund.ToCash, await instant.GiveBackAsync(order, cancel));
        }

        if (payment.PaidBy is not null && methods.GetValueOrDefault(WalletMethod) is IInstantMethod wallet)
        {
            try
            {
                return (PaymentRefund.ToWallet, await wallet.GiveBackAsync(order, cancel));
            }
            catch (Refusal)
            {
                // No wallet in this currency: staff pay it back.
            }
        }

        return (PaymentRefund.Manual, null);
    }

    private static Amount AmountOf(Payment payment, RefundPayment.Request request, long? refundable)
    {
        if (payment.State is not (PaymentStates.Completed or PaymentStates.PartiallyRefunded))
        {
            throw PaymentsRefusals.NotRefundable.With($"It is {payment.State}.");
        }

        var unpaid = payment.Amount - payment.RefundReserved;
        var left = new Amount(Math.Min(refundable ?? unpaid, unpaid), Currency.Of(payment.Currency));
        var amount = request.Amount ?? left;
        return amount.Currency != left.Currency ? throw LedgerRefusals.CurrencyMismatch.With()
            : amount.Minor < 1 && request.Amount is not null ? throw LedgerRefusals.AmountOutOfRange.With()
            : amount.Minor < 1 || amount.Minor > left.Minor ? throw PaymentsRefusals.RefundTooLarge.With($"{left} is left.")
            : amount;
    }
}
