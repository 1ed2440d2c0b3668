using System.Text.Json;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>Delivers what a payment was for: one file per purpose, registered as a singleton.</summary>
public interface IFulfilment
{
    /// <summary>Its permanent name on the wire: <c>sale</c>, <c>top_up</c> …</summary>
    string Purpose { get; }

    /// <summary>The kind of the posting that completes the payment, as statements show it.</summary>
    string PostingKind { get; }

    /// <summary>What must still be so when such a payment is made, as guarded rows of that commit: it was looked at before.</summary>
    IReadOnlyList<RowChange> GuardsOf(PaymentFact payment) => [];

    /// <summary>Checks what is asked for, and fixes price, payee and account for good.</summary>
    /// <exception cref="Refusal">It cannot be bought, or not by this caller.</exception>
    Task<PaymentTerms> PrepareAsync(PaymentOrder order, CancellationToken cancel);

    /// <summary>
    /// Adds to the commit that completes the payment what is delivered besides the money: rows, events, guarded changes. Reads only. The commit may be
    /// refused and another one drawn.
    /// </summary>
    /// <returns>What to add where only the writer knows it, such as fees that the payee's account paid by it: pure and quick; null for nothing.</returns>
    Task<Action<LedgerOutcome>?> DeliverAsync(PaymentFact payment, Guid? payer, LedgerCommit commit, CancellationToken cancel);

    /// <summary>Looks whether it can still be delivered, before a gateway is asked to collect. The commit decides.</summary>
    /// <exception cref="Refusal">It is sold out, or a discount is used up.</exception>
    Task DemandDeliverableAsync(PaymentFact payment, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>What of the payment can still be taken back, minor units; null where all that did not go back yet can.</summary>
    Task<long?> RefundableAsync(PaymentFact payment, CancellationToken cancel) => Task.FromResult<long?>(null);

    /// <summary>Adds to the commit that refunds what takes back what was delivered. Reads only.</summary>
    /// <exception cref="Refusal">It was used, so that it cannot be taken back.</exception>
    Task TakeBackAsync(PaymentFact payment, RefundPart part, LedgerCommit commit, CancellationToken cancel);

    /// <summary>A refund could not be made, and its money stands on the payee's account again: adds what gives again what was taken back for it.</summary>
    Task GiveAgainAsync(PaymentFact payment, RefundPart part, LedgerCommit commit, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>
    /// Adds to the commit by which a refund failed, so that the payee has the money again, what gives again what <see cref="TakeBackAsync"/> took for
    /// it. Reads only. Nothing where the money itself is all that was delivered.
    /// </summary>
    /// <param name="payment">The payment.</param>
    /// <param name="amount">What did not go back after all.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="cancel">Stops reading.</param>
    Task GiveAgainAsync(PaymentFact payment, Amount amount, LedgerCommit commit, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>What a person may do with the payment on the payee's side. Staff and payer are the hub's own matter.</summary>
    ValueTask<PayeeRole> RoleOfAsync(Guid person, PaymentFact payment, CancellationToken cancel);

    /// <summary>
    /// How much of the payment a person on the payee's side may pay back, together with what was paid back before, in its minor units: all of it for an
    /// owner, nothing for others, where the purpose says nothing else.
    /// </summary>
    async ValueTask<long> RefundLimitAsync(Guid person, PaymentFact payment, CancellationToken cancel) =>
        await RoleOfAsync(person, payment, cancel) == PayeeRole.Owner ? payment.Amount.Minor : 0;

    /// <summary>Whether whoever makes such a payment acts for the payee, as a cashier does: then they are nothing to it but what their role says.</summary>
    bool MadeForPayee => false;
}

/// <summary>What of a payment goes back.</summary>
/// <param name="Refund">The refund's id.</param>
/// <param name="Amount">What goes back by it.</param>
/// <param name="Before">What went back before.</param>
public sealed record RefundPart(Guid Refund, Amount Amount, Amount Before);

/// <summary>What somebody may do with a payment on the payee's side.</summary>
public enum PayeeRole
{
    /// <summary>Nothing: for them it does not exist.</summary>
    None,

    /// <summary>See it.</summary>
    Viewer,

    /// <summary>See it, take money for it and cancel it, such as a cashier.</summary>
    Cashier,

    /// <summary>All of that, and refund all of it.</summary>
    Owner,
}

/// <summary>A wish for a payment.</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Amount">What they ask for; null where the purpose has a price.</param>
/// <param name="Subject">What the purpose needs to know, such as <c>{"shop": "shp_…"}</c>; null where not given.</param>
public sealed record PaymentOrder(Guid Caller, Amount? Amount, JsonElement? Subject)
{
    /// <summary>Whether the caller is the payer, who asks without working for the payee.</summary>
    public bool ByPayer { get; init; }

    /// <summary>The amount, where the caller names it.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public Amount Demand() =>
        Amount is not { } amount ? throw PlatformRefusals.InvalidRequest.Field("amount", "is needed")
        : amount.Minor < 1 ? throw LedgerRefusals.AmountOutOfRange.With()
        : amount;

    /// <summary>A public id in the subject.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public Guid Id(string member, string prefix) =>
        Subject is { ValueKind: JsonValueKind.Object } subject
        && subject.TryGetProperty(member, out var value)
        && value.ValueKind == JsonValueKind.String
        && Ids.TryRead(prefix, value.GetString(), out var id)
            ? id
            : throw PlatformRefusals.InvalidRequest.Field("subject." + member, $"must be an id such as {prefix}_…");
}

/// <summary>What is fixed when a payment is made.</summary>
/// <param name="Amount">The price.</param>
/// <param name="Owner">The person who answers for the payee: a shop's merchant, a wallet's owner; <see cref="PaymentFact.House"/> where the house itself sells.</param>
/// <param name="Payee">What is paid: a shop, a wallet …</param>
/// <param name="PayeeName">As the payer reads it.</param>
/// <param name="Account">The account that the payment credits.</param>
public sealed record PaymentTerms(Amount Amount, Guid Owner, Guid Payee, string PayeeName, long Account)
{
    /// <summary>What the house takes of it when it completes, in the payment's currency: minor units, zero or more.</summary>
    public long Fee { get; init; }

    /// <summary>How long it can be paid at most, whatever was asked for; null where that does not matter.</summary>
    public TimeSpan? LongestLife { get; init; }

    /// <summary>What the purpose keeps with the payment, as JSON.</summary>
    public string Subject { get; init; } = "{}";
}
