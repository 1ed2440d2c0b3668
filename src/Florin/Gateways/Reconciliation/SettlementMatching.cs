using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Gateways.Reconciliation;

/// <summary>What the three-way comparison of a line found; the wire's values.</summary>
internal static class LineResults
{
    /// <summary>Gateway, payment and ledger say the same.</summary>
    public const string Matched = "matched";

    /// <summary>Another file had this movement, and the same of it.</summary>
    public const string Repeated = "repeated";

    /// <summary>A payout or the like, which no payment is behind.</summary>
    public const string Other = "other";

    /// <summary>Another file had this movement with another amount or kind.</summary>
    public const string Changed = "changed";

    /// <summary>It is about nothing of ours.</summary>
    public const string Unknown = "unknown";

    /// <summary>Another movement is about the same charge or refund.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>The gateway has moved it, and by our books it was not collected, or not given back.</summary>
    public const string NotOurs = "not_completed";

    /// <summary>Another currency.</summary>
    public const string CurrencyDiffers = "currency_differs";

    /// <summary>Another amount.</summary>
    public const string AmountDiffers = "amount_differs";

    /// <summary>The ledger has no such entry on the gateway's account.</summary>
    public const string NotBooked = "not_booked";

    /// <summary>Amount less fee is not what the file says is left, or the fee is above the amount.</summary>
    public const string FeeDiffers = "fee_differs";

    /// <summary>It was booked more than three days before or after.</summary>
    public const string DateDiffers = "date_differs";

    /// <summary>Money moved for a reason that is no payment's: a dispute, an adjustment …</summary>
    public const string OtherMovement = "other_movement";

    /// <summary>We have it, and no file does. No line's result, but an exception's kind.</summary>
    public const string Missing = "missing";

    /// <summary>What nobody need look at.</summary>
    public static readonly IReadOnlyList<string> InOrder = [Matched, Repeated, Other];
}

/// <summary>A line with what was found.</summary>
/// <param name="Line">As in the file.</param>
/// <param name="Result">One of <see cref="LineResults"/>.</param>
/// <param name="Attempt">The attempt that it is about.</param>
/// <param name="Refund">The refund that it is about.</param>
/// <param name="Expected">What we have in its place, where that differs.</param>
internal sealed record MatchedLine(SettlementLine Line, string Result, Guid? Attempt = null, Guid? Refund = null, Amount? Expected = null);

/// <summary>A movement that an earlier file had.</summary>
/// <param name="Kind">One of <see cref="MovementKinds"/>.</param>
/// <param name="Amount">Of it.</param>
internal sealed record EarlierLine(string Kind, Amount Amount);

/// <summary>What is known besides the file.</summary>
/// <param name="Attempts">Those that its lines may be about.</param>
/// <param name="Refunds">Those that its lines may be about.</param>
/// <param name="Entries">Entries on the gateway's accounts of the payments concerned.</param>
/// <param name="Earlier">Movements of earlier files, by the gateway's id.</param>
/// <param name="Settled">Attempts and refunds that lines of earlier files are about.</param>
internal sealed record SettlementContext(
    IReadOnlyList<CollectedFact> Attempts,
    IReadOnlyList<GivenBackFact> Refunds,
    IReadOnlyList<GatewayEntry> Entries,
    IReadOnlyDictionary<string, EarlierLine> Earlier,
    IReadOnlySet<Guid> Settled
);

/// <summary>Compares a gateway's file with payments and ledger. Pure.</summary>
internal sealed class SettlementMatching
{
    private static readonly TimeSpan Late = TimeSpan.FromDays(3);

    // Money that leaves the account for our own bank, and what the gateway takes for itself: no payment is behind these.
    private static readonly HashSet<string> Ordinary = new(StringComparer.OrdinalIgnoreCase)
    {
        "payout",
        "transfer",
        "stripe_fee",
        "fee",
        "network_cost",
        "failed",
        "cancelled",
        "canceled",
        "pending",
        "expired",
    };

    private readonly Dictionary<Guid, CollectedFact> attempts;
    private readonly Dictionary<string, CollectedFact> attemptsByName;
    private readonly Dictionary<Guid, GivenBackFact> refunds;
    private readonly Dictionary<string, GivenBackFact> refundsByName;
    private readonly Dictionary<(string Payment, string Currency, long Amount), int> entries;
    private readonly IReadOnlyDictionary<string, EarlierLine> earlier;
    private readonly Dictionary<string, EarlierLine> seen = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> settled;

    private SettlementMatching(SettlementContext context)
    {
        attempts = context.Attempts.ToDictionary(one => one.Attempt);
        attemptsByName = context
            .Attempts.Where(one => one.Reference is not null)
            .GroupBy(one => one.Reference!, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        refunds = context.Refunds.ToDictionary(one => one.Refund);
        refundsByName = context
            .Refunds.Where(one => one.Reference is not null)
            .GroupBy(one => one.Reference!, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        entries = context.Entries.GroupBy(one => (one.Reference, one.Currency, one.Amount)).ToDictionary(g => g.Key, g => g.Count());
        earlier = context.Earlier;
        settled = [.. context.Settled];
    }

    /// <summary>A result for each line, in their order.</summary>
    public static IReadOnlyList<MatchedLine> Match(IReadOnlyList<SettlementLine> lines, SettlementContext context)
    {
        var matching = new SettlementMatching(context);
        return [.. lines.Select(matching.Match)];
    }

    private MatchedLine Match(SettlementLine line)
    {
        var now = new EarlierLine(line.Kind, line.Amount);
        if (earlier.TryGetValue(line.Reference, out var before) || seen.TryGetValue(line.Reference, out before))
        {
            return before == now ? new MatchedLine(line, LineResults.Repeated) : new MatchedLine(line, LineResults.Changed, Expected: before.Amount);
        }

        seen.Add(line.Reference, now);
        return line.Kind switch
        {
            MovementKinds.Charge => MatchCharge(line),
            MovementKinds.Refund => MatchRefund(line),
            _ => new MatchedLine(line, line.Type.Length > 0 && Ordinary.Contains(line.Type) ? LineResults.Other : LineResults.OtherMovement),
        };
    }

    private MatchedLine MatchCharge(SettlementLine line)
    {
        var found = Find(line, attempts, attemptsByName);
        if (found is null)
        {
            return new MatchedLine(line, LineResults.Unknown);
        }

        var result =
            !settled.Add(found.Attempt) ? LineResults.Duplicate
            : found.Taken is not { } taken ? LineResults.NotOurs
            : Compare(line, taken, -taken.Minor, found.Payment, found.EndedAt);
        return new MatchedLine(line, result, found.Attempt, Expected: found.Taken);
    }

    private MatchedLine MatchRefund(SettlementLine line)
    {
        var found = Find(line, refunds, refundsByName);
        if (found is null)
        {
            return new MatchedLine(line, LineResults.Unknown);
        }

        var result =
            !settled.Add(found.Refund) ? LineResults.Duplicate
            : !found.Completed ? LineResults.NotOurs
            : Compare(line, found.Amount, found.Amount.Minor, found.Payment, found.EndedAt);
        return new MatchedLine(line, result, found.Attempt, found.Refund, found.Amount);
    }

    private string Compare(SettlementLine line, Amount ours, long entry, Guid payment, DateTimeOffset? bookedAt) =>
        ours.Currency != line.Amount.Currency ? LineResults.CurrencyDiffers
        : ours.Minor != line.Amount.Minor ? LineResults.AmountDiffers
        : !Take((Ids.Show(PaymentFact.Prefix, payment), ours.Currency.Code, entry)) ? LineResults.NotBooked
        : line.FeeIsOdd || (line.Fee is { } fee && fee.Currency == line.Amount.Currency && fee.Minor > line.Amount.Minor) ? LineResults.FeeDiffers
        : bookedAt is not { } at || (at - line.HappenedAt).Duration() > Late ? LineResults.DateDiffers
        : LineResults.Matched;

    // Each entry stands for one movement.
    private bool Take((string Payment, string Currency, long Amount) key)
    {
        var left = entries.GetValueOrDefault(key);
        if (left > 0)
        {
            entries[key] = left - 1;
        }

        return left > 0;
    }

    private static T? Find<T>(SettlementLine line, Dictionary<Guid, T> byId, Dictionary<string, T> byName)
        where T : class =>
        line.Ids.Select(id => byId.GetValueOrDefault(id)).FirstOrDefault(one => one is not null)
        ?? line.Names.Select(name => byName.GetValueOrDefault(name)).FirstOrDefault(one => one is not null);
}
