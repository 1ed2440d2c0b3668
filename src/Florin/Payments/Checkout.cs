using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>A wish for a payment, with what does not matter for its price.</summary>
/// <param name="Purpose">Which fulfilment.</param>
/// <param name="Order">Who asks for what.</param>
public sealed record PaymentWish(string Purpose, PaymentOrder Order)
{
    /// <summary>The only person who may pay it; null for anybody.</summary>
    public Guid? Payer { get; init; }

    /// <summary>What the payee writes for the payer.</summary>
    public string? Description { get; init; }

    /// <summary>The payee's own number for it.</summary>
    public string? Reference { get; init; }

    /// <summary>The payee's own facts, as a JSON object of texts.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>How long it can be paid; null for the setting's default.</summary>
    public TimeSpan? Life { get; init; }

    /// <summary>A text as it is kept: trimmed, null where there is nothing left.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c> on the field</exception>
    public static string? Clean(string field, string? text)
    {
        var trimmed = text?.Trim();
        return trimmed is null or "" ? null
            : trimmed.Any(char.IsControl) ? throw PlatformRefusals.InvalidRequest.Field(field, "must have no control characters")
            : trimmed;
    }
}

/// <summary>Makes payments, and the commits that complete them. Other modules sell through it.</summary>
public sealed class Checkout
{
    /// <summary>The longest that a payment can wait for its payer.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(90);

    private readonly Dictionary<string, IFulfilment> fulfilments;
    private readonly PaymentFacts facts;
    private readonly PaymentEvents events;
    private readonly PaymentViews views;
    private readonly HouseAccounts house;
    private readonly Settings settings;
    private readonly TimeProvider clock;

    internal Checkout(
        IEnumerable<IFulfilment> fulfilments,
        PaymentFacts facts,
        PaymentEvents events,
        PaymentViews views,
        HouseAccounts house,
        Settings settings,
        TimeProvider clock
    )
    {
        this.fulfilments = fulfilments.ToDictionary(one => one.Purpose, StringComparer.Ordinal);
        this.facts = facts;
        this.events = events;
        this.views = views;
        this.house = house;
        this.settings = settings;
        this.clock = clock;
    }

    /// <summary>A payment as it is to be made; not stored yet.</summary>
    /// <exception cref="Refusal"><c>unknown_purpose</c> and those of the fulfilment</exception>
    public async Task<PaymentFact> DrawAsync(PaymentWish wish, CancellationToken cancel)
    {
        var fulfilment =
            fulfilments.GetValueOrDefault(wish.Purpose) ?? throw PaymentsRefusals.UnknownPurpose.With($"Choose one of {string.Join(", ", Purposes)}.");
        return Draw(wish, await fulfilment.PrepareAsync(wish.Order, cancel));
    }

    /// <summary>A payment on terms that its fulfilment said before, such as of a shop that the same commit opens; not stored yet.</summary>
    public PaymentFact Draw(PaymentWish wish, PaymentTerms terms)
    {
        var now = clock.GetUtcNow();
        var start = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
        return new PaymentFact(
            Ids.New(),
            wish.Purpose,
            terms.Amount,
            Math.Min(terms.Fee, terms.Amount.Minor),
            terms.Owner,
            terms.Payee,
            terms.PayeeName,
            terms.Account,
            wish.Payer,
            NewCode(),
            terms.Subject,
            wish.Description,
            wish.Reference,
            wish.Metadata,
            wish.Order.Caller,
            start,
            start + LifeOf(wish, terms)
        );
    }

    /// <summary>The commit that makes a payment which waits for its payer. It answers the payment, where <paramref name="answer"/> says nothing else.</summary>
    public LedgerCommit Create(PaymentFact payment, IdempotencyKey? key, Func<PaymentView, Answer>? answer = null)
    {
        var view = views.Of(payment, PaymentStatus.Pending, payee: true);
        var commit = new LedgerCommit
        {
            Key = key,
            Inserts = { Payment.Shape.Row((payment, PaymentStatus.Pending)), events.Row(PaymentEvents.Created, payment, PaymentStatus.Pending) },
            Complete = _ => answer?.Invoke(view) ?? Answer.Json(201, view),
        };
        commit.Rows.AddRange(FulfilmentOf(payment).GuardsOf(payment));
        return commit;
    }

    /// <summary>
    /// The commit that makes a payment and completes it at once, where the money is there already. The caller says by <paramref name="answer"/> what it
    /// answers, from the posting's id and what the writer knows.
    /// </summary>
    public async Task<LedgerCommit> CreateCompletedAsync(
        PaymentFact payment,
        string method,
        Collection collected,
        IdempotencyKey? key,
        Func<Guid, LedgerOutcome, Answer> answer,
        CancellationToken cancel
    )
    {
        var attempt = Attempt.Instant(payment, method, collected, payment.CreatedBy, payment.CreatedAt);
        var posting = Guid.Empty;
        var commit = await CompleteAsync(payment, attempt, collected, key, _ => outcome => answer(posting, outcome), cancel);
        posting = commit.Postings[0].Id;
        commit.Inserts.Insert(0, Payment.Shape.Row((payment, StatusOf(attempt, collected.Payer))));
        commit.Inserts.Insert(1, Attempt.Shape.Row(attempt));
        commit.Rows.AddRange(FulfilmentOf(payment).GuardsOf(payment));
        return commit;
    }

    /// <summary>Keeps a payment that a commit has made, so that paying it reads nothing.</summary>
    public void Made(PaymentFact payment) => facts.Keep(payment);

    /// <summary>Shows payments.</summary>
    internal PaymentViews Views => views;

    /// <summary>The fulfilment of a payment.</summary>
    internal IFulfilment FulfilmentOf(PaymentFact payment) => fulfilments[payment.Purpose];

    /// <summary>What the status of a payment becomes by an attempt that succeeds.</summary>
    internal static PaymentStatus StatusOf(Attempt attempt, Guid? payer) => new(PaymentStates.Completed, attempt.Method, payer, CompletedAt: attempt.EndedAt);

    /// <summary>The commit that completes a payment, without the rows of payment and attempt.</summary>
    internal async Task<LedgerCommit> CompleteAsync(
        PaymentFact payment,
        Attempt attempt,
        Collection collected,
        IdempotencyKey? key,
        Func<PaymentView, Func<LedgerOutcome, Answer>> answer,
        CancellationToken cancel
    )
    {
        var fulfilment = FulfilmentOf(payment);
        var moves = new List<Move>(collected.Moves(payment.Account));
        if (collected.FeeApplies && payment.Fee > 0)
        {
            moves.Add(new Move(payment.Account, await house.IdAsync(HouseAccount.FeeRevenue, payment.Amount.Currency, cancel), payment.Fee));
        }

        var status = StatusOf(attempt, collected.Payer);
        var view = views.Of(payment, status);
        var answers = answer(view); // what can be written before is not written while the ledger waits
        Action<LedgerOutcome>? delivered = null;
        var commit = new LedgerCommit
        {
            Key = key,
            PayerProven = collected.PayerProven,
            Postings =
            {
                new PostingDraft(fulfilment.PostingKind, moves) { Reference = payment.PublicId, Metadata = collected.Metadata },
            },
            Inserts = { PaymentEvents.Row(PaymentEvents.Completed, payment, status, view) },
            Complete = outcome =>
            {
                collected.Told?.Invoke(outcome);
                delivered?.Invoke(outcome);
                return answers(outcome);
            },
        };
        commit.Postings.AddRange(collected.Postings);
        commit.Rows.AddRange(collected.Rows);
        delivered = await fulfilment.DeliverAsync(payment, status.PaidBy, commit, cancel);
        return commit;
    }

    private TimeSpan LifeOf(PaymentWish wish, PaymentTerms terms)
    {
        var asked = wish.Life ?? settings.PaymentLife;
        return terms.LongestLife is { } longest && longest < asked ? longest : asked;
    }

    private IEnumerable<string> Purposes => fulfilments.Keys.Order(StringComparer.Ordinal);

    // 128 random bits: nobody guesses one.
    private static string NewCode() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
}
