using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>
/// Turns what gateways report into money, once: the only place that believes a gateway. Every booking is guarded by the state of attempt and
/// payment, so that reports may come twice, late, in any order and on many servers at once.
/// </summary>
public sealed partial class Settlement
{
    private readonly Dictionary<string, IGateway> gateways;
    private readonly PaymentFacts facts;
    private readonly AttemptRows rows;
    private readonly SettlementRows changes;
    private readonly Checkout checkout;
    private readonly PaymentEvents events;
    private readonly GeneralLedger ledger;
    private readonly HouseAccounts house;
    private readonly RefundSending refunds;
    private readonly Secrets secrets;
    private readonly TimeProvider clock;
    private readonly ILogger<Settlement> log;

    internal Settlement(
        IEnumerable<IPaymentMethod> methods,
        PaymentFacts facts,
        AttemptRows rows,
        SettlementRows changes,
        Checkout checkout,
        PaymentEvents events,
        GeneralLedger ledger,
        HouseAccounts house,
        RefundSending refunds,
        Secrets secrets,
        TimeProvider clock,
        ILogger<Settlement> log
    )
    {
        gateways = methods.OfType<IGateway>().ToDictionary(one => one.Name, StringComparer.Ordinal);
        this.facts = facts;
        this.rows = rows;
        this.changes = changes;
        this.checkout = checkout;
        this.events = events;
        this.ledger = ledger;
        this.house = house;
        this.refunds = refunds;
        this.secrets = secrets;
        this.clock = clock;
        this.log = log;
    }

    /// <summary>Asks the gateway of an attempt what became of it, and books that. Safe to repeat and to run on many servers at once.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancel">Stops before the gateway is asked; what it said is booked.</param>
    /// <returns>What the gateway said; null where there is no such attempt, or its gateway is not connected any more.</returns>
    public async Task<GatewayReport?> AskAsync(Guid attempt, CancellationToken cancel)
    {
        if (await rows.FindAsync(attempt, cancel) is not { } row || gateways.GetValueOrDefault(row.Method) is not { } gateway)
        {
            return null;
        }

        var payment = (await facts.FindAsync(row.PaymentId, cancel))!;
        var report = await gateway.InquireAsync(row.Charge(payment, secrets), cancel);
        await BookAsync(row, payment, report);
        return report;
    }

    /// <summary>Asks the gateway what became of a refund, and books that.</summary>
    /// <param name="refund">The refund.</param>
    /// <param name="cancel">Stops before the gateway is asked; what it said is booked.</param>
    /// <returns>What the gateway said; null where no gateway works on such a refund.</returns>
    public Task<RefundReport?> AskRefundAsync(Guid refund, CancellationToken cancel) => refunds.SendAsync(refund, cancel);

    /// <summary>
    /// The payer turned back at the gateway: the attempt is called off there, or abandoned and watched where its gateway cannot do that, and the payment
    /// can be paid otherwise. Nothing is lost where it was captured all the same.
    /// </summary>
    public async Task CallOffAsync(Guid attempt, CancellationToken cancel)
    {
        if (await rows.FindAsync(attempt, cancel) is { State: AttemptStates.Live } live)
        {
            await CloseAsync(live, (await facts.FindAsync(live.PaymentId, cancel))!);
        }
    }

    /// <summary>Books what a gateway reported of an attempt.</summary>
    internal async Task BookAsync(Attempt attempt, PaymentFact payment, GatewayReport report)
    {
        switch (report.State)
        {
            case ChargeState.Captured when report.Captured is { } captured:
                await CaptureAsync(attempt, payment, report, captured);
                return;
            case ChargeState.Failed or ChargeState.Cancelled:
                await changes.EndAsync(attempt, payment, report);
                return;
            default:
                await rows.WaitAsync(attempt, report, CancellationToken.None);
                return;
        }
    }

    /// <summary>
    /// Calls off the attempt that is live, so that the payment can be paid otherwise or ended. Where its gateway does not confirm that, the attempt is
    /// abandoned and watched: should its money come all the same, the payment takes it if it still can, and else it goes back.
    /// </summary>
    /// <exception cref="Refusal"><c>payment_already_paid</c> where the gateway was faster</exception>
    internal async Task CloseLiveAsync(PaymentFact payment, CancellationToken cancel)
    {
        if (await rows.LiveAsync(payment.Id, cancel) is not { } live)
        {
            await changes.ReleaseAsync(payment.Id);
            return;
        }

        await CloseAsync(live, payment);
        if ((await facts.NowAsync(payment.Id, CancellationToken.None)).CompletedAt is not null)
        {
            throw PaymentsRefusals.AlreadyPaid.With();
        }
    }

    private async Task CloseAsync(Attempt live, PaymentFact payment)
    {
        var report = gateways.GetValueOrDefault(live.Method) is { } gateway
            ? await gateway.CancelAsync(live.Charge(payment, secrets), CancellationToken.None)
            : new GatewayReport(ChargeState.Unknown);
        await BookAsync(live, payment, report);
        if (report.State is ChargeState.Unknown or ChargeState.Waiting)
        {
            await changes.AbandonAsync(live);
        }
    }

    private async Task CaptureAsync(Attempt attempt, PaymentFact payment, GatewayReport report, Amount captured)
    {
        if (captured.Minor is < 1 or > Amount.MaxMinor)
        {
            LogImpossible(attempt.Id, attempt.Method);
            return;
        }

        var source = await house.GatewayAsync(attempt.Method, captured.Currency, CancellationToken.None);
        var why = "amount_differs";
        if (captured == payment.Amount)
        {
            try
            {
                await ledger.CommitAsync(await AcceptAsync(attempt, payment, report, captured, source));
                return;
            }
            catch (Refusal refusal) when (refusal.Reason == PaymentsRefusals.AttemptSettled)
            {
                return; // booked before
            }
            catch (Refusal refusal) when (refusal.Reason.Status != StatusCodes.Status503ServiceUnavailable)
            {
                why = refusal.Reason.Code; // paid otherwise, ended, or its payee can take no money any more
            }
        }

        await TakeLateAsync(attempt, payment, report, captured, source, why);
    }

    private async Task<LedgerCommit> AcceptAsync(Attempt attempt, PaymentFact payment, GatewayReport report, Amount captured, long source)
    {
        var at = clock.GetUtcNow();
        var collected = new Collection(account => [new Move(source, account, captured.Minor)]) { Taken = captured, Payer = attempt.StartedBy };
        var done = new Attempt
        {
            Id = attempt.Id,
            PaymentId = payment.Id,
            Method = attempt.Method,
            State = AttemptStates.Succeeded,
            StartedAt = attempt.StartedAt,
            StartedBy = attempt.StartedBy,
            EndedAt = at,
        };
        var commit = await checkout.CompleteAsync(payment, done, collected, key: null, _ => _ => new Answer(204, []), CancellationToken.None);
        commit.Rows.Add(SettlementRows.Capture(attempt, payment, report, captured, AttemptStates.Succeeded, at));
        commit.Constraints["attempts_succeeded"] = PaymentsRefusals.NotPayable; // another attempt has paid
        commit.Rows.Add(SettlementRows.Complete(payment, done, at));
        return commit;
    }

    // Money that the payment cannot take goes to suspense, and from there back by itself.
    private async Task TakeLateAsync(Attempt attempt, PaymentFact payment, GatewayReport report, Amount captured, long source, string why)
    {
        var at = clock.GetUtcNow();
        var suspense = await house.IdAsync(HouseAccount.Suspense, captured.Currency, CancellationToken.None);
        var status = (await facts.NowAsync(payment.Id, CancellationToken.None)).Status;
        var byGateway = gateways[attempt.Method].RefundStep(captured.Currency) is { } step && captured.Minor % step == 0;
        var refund = new PaymentRefund
        {
            Id = Ids.New(),
            PaymentId = payment.Id,
            AttemptId = attempt.Id,
            Amount = captured.Minor,
            Currency = captured.Currency.Code,
            Destination = byGateway ? PaymentRefund.ToGateway : PaymentRefund.Manual,
            Reason = RefundReasons.Late,
            Note = why,
            State = PaymentRefund.Pending,
            TryAt = byGateway ? at : null,
            RequestedAt = at,
        };
        var commit = new LedgerCommit
        {
            Postings = { new PostingDraft("late_money", new Move(source, suspense, captured.Minor)) { Reference = payment.PublicId } },
            Inserts = { PaymentRefund.Shape.Row(refund), events.Row(PaymentEvents.MoneyLate, payment, status, refund) },
            Rows = { SettlementRows.Capture(attempt, payment, report, captured, AttemptStates.Late, at) },
        };
        try
        {
            await ledger.CommitAsync(commit);
        }
        catch (Refusal refusal) when (refusal.Reason == PaymentsRefusals.AttemptSettled)
        {
            return;
        }

        LogLate(payment.Id, attempt.Id, attempt.Method, why);
        await changes.ReleaseAsync(payment.Id);
        await refunds.SendAsync(refund.Id, CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Warning, "payment {Payment}: money of attempt {Attempt} by {Method} came late ({Why}); it stands in suspense and goes back")]
    private partial void LogLate(Guid payment, Guid attempt, string method, string why);

    [LoggerMessage(LogLevel.Error, "attempt {Attempt} by {Method}: the gateway reports an impossible amount; nothing is booked, and staff must look")]
    private partial void LogImpossible(Guid attempt, string method);
}
