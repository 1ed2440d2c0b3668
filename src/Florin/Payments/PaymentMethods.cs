using Florin.Identity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>A way to collect a payment: one file, registered as a singleton <see cref="IPaymentMethod"/>. It is either instant or a gateway.</summary>
public interface IPaymentMethod
{
    /// <summary>Its permanent name on the wire: <c>wallet</c>, <c>cash</c>, <c>stripe</c> …</summary>
    string Name { get; }

    /// <summary>Whether a payment of this purpose and currency may be collected by it under the settings.</summary>
    bool Offers(PaymentFact payment);
}

/// <summary>A method that collects within the one commit that completes the payment: a wallet, cash.</summary>
public interface IInstantMethod : IPaymentMethod
{
    /// <summary>Proves the payer and says where the money comes from. Reads only; the commit decides.</summary>
    /// <exception cref="Refusal">The payer may not pay so.</exception>
    Task<Collection> CollectAsync(PaymentFact payment, PayOrder order, CancellationToken cancel);

    /// <summary>Says how part of what was collected goes back to where it came from, in the commit that takes it back from the payee.</summary>
    /// <exception cref="Refusal">It cannot go back that way.</exception>
    Task<GiveBack> GiveBackAsync(RefundOrder refund, CancellationToken cancel);
}

/// <summary>What the payer brings to a payment.</summary>
/// <param name="Http">The request; its caller is the payer, or a cashier at whose till the payer stands.</param>
/// <param name="Caller">Who is signed in; null for a guest, who can pay by gateway only.</param>
public sealed record PayOrder(HttpContext Http, Caller? Caller)
{
    /// <summary>The wallet that pays, as a public id; the method chooses where not given.</summary>
    public string? Wallet { get; init; }

    /// <summary>The payer at the till: username, e-mail address, phone number or wallet number.</summary>
    public string? Payer { get; init; }

    /// <summary>The payer's PIN.</summary>
    public string? Pin { get; init; }

    /// <summary>A locked quote, where the wallet has another currency.</summary>
    public string? QuoteId { get; init; }

    /// <summary>Without a quote: the lowest rate that the payer accepts, as a decimal.</summary>
    public string? AcceptRate { get; init; }

    /// <summary>What the payer was shown before, as <c>POST …/challenges</c> answered it.</summary>
    public string? Challenge { get; init; }

    /// <summary>Instead of the PIN: what the payer's device answered to the question that is about this payment.</summary>
    public PasskeyAnswer? Passkey { get; init; }

    /// <summary>At a till: pictures of the payer's face, instead of the PIN.</summary>
    public FaceAnswer? Face { get; init; }

    /// <summary>The call's idempotency key.</summary>
    public IdempotencyKey? Key { get; init; }

    /// <summary>At a till: the token of the payer's card, instead of their name.</summary>
    public string? Card { get; init; }

    /// <summary>At a till: what a card gave that needs the PIN.</summary>
    public string? Ticket { get; init; }

    /// <summary>The shop whose till takes the money, as a public id.</summary>
    public string? Shop { get; init; }
}

/// <summary>Money on its way into the commit that completes a payment.</summary>
/// <param name="Moves">The moves that bring exactly the payment's amount to the given account. Pure: the ledger may judge a commit again.</param>
public sealed record Collection(Func<long, IReadOnlyList<Move>> Moves)
{
    /// <summary>Who paid; null where nobody knows, as with cash.</summary>
    public Guid? Payer { get; init; }

    /// <summary>What left the payer, in their own currency.</summary>
    public required Amount Taken { get; init; }

    /// <summary>The wallet that it left, as a public id; null where it was none.</summary>
    public string? Wallet { get; init; }

    /// <summary>What one unit of the wallet's currency bought, as a decimal, where something was converted.</summary>
    public string? Rate { get; init; }

    /// <summary>Whether the payer proved themselves, so that their limit does not refuse.</summary>
    public bool PayerProven { get; init; }

    /// <summary>Whether the shop's fee on sales applies; not to cash, which never passes through the house.</summary>
    public bool FeeApplies { get; init; } = true;

    /// <summary>What the method needs to know to give back, as JSON; kept with the attempt.</summary>
    public string? Source { get; init; }

    /// <summary>Facts for the payer's statement (note, rate), as JSON; kept with the posting.</summary>
    public string? Metadata { get; init; }

    /// <summary>Further postings of the same commit, such as notes that go into a drawer.</summary>
    public IReadOnlyList<PostingDraft> Postings { get; init; } = [];

    /// <summary>Guarded rows of the method's module, such as the use of a quote.</summary>
    public IReadOnlyList<RowChange> Rows { get; init; } = [];

    /// <summary>What happens to others in the commit, such as fees that it collects; adds events. Runs on the writer: pure and quick.</summary>
    public Action<LedgerOutcome>? Told { get; init; }
}

/// <summary>A refund of what an instant method collected.</summary>
/// <param name="Payment">The payment.</param>
/// <param name="PaidBy">Who paid, where that is known.</param>
/// <param name="Source">What the method kept in <see cref="Collection.Source"/>; null where another method collected.</param>
/// <param name="Taken">What had left the payer.</param>
/// <param name="Amount">What goes back now, in the payment's currency.</param>
/// <param name="Before">What went back before, in the payment's currency.</param>
public sealed record RefundOrder(PaymentFact Payment, Guid? PaidBy, string? Source, Amount Taken, Amount Amount, Amount Before)
{
    /// <summary>
    /// The part of <see cref="Taken"/> that goes back: pro rata of all refunds so far, rounded down, less what went back before. So parts never add up
    /// to more than was taken, and a full refund is exactly it.
    /// </summary>
    public Amount PartOfTaken()
    {
        var whole = (Int128)Payment.Amount.Minor;
        var after = (Int128)Taken.Minor * (Before.Minor + Amount.Minor) / whole;
        var before = (Int128)Taken.Minor * Before.Minor / whole;
        return new Amount((long)(after - before), Taken.Currency);
    }
}

/// <summary>How money goes back.</summary>
/// <param name="Moves">Moves that take exactly the refund's amount from the given account to where it came from.</param>
/// <param name="Given">What reaches the payer, in their own currency.</param>
public sealed record GiveBack(Func<long, IReadOnlyList<Move>> Moves, Amount Given)
{
    /// <summary>Further postings of the same commit.</summary>
    public IReadOnlyList<PostingDraft> Postings { get; init; } = [];

    /// <summary>What happens to others in the commit, such as fees that it collects; adds events. Runs on the writer: pure and quick.</summary>
    public Action<LedgerOutcome>? Told { get; init; }
}
