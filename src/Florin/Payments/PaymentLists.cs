using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Payments;

/// <summary>Which payments of those that a module names.</summary>
/// <param name="Among">Their ids: a query of the module's own.</param>
public sealed record PaymentFilter(IQueryable<Guid> Among)
{
    /// <summary>Only this state; null for all.</summary>
    public string? State { get; init; }

    /// <summary>Made at or after this time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Made before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Stands in the description, or begins the reference, in any case of letters.</summary>
    public string? Text { get; init; }

    /// <summary>With <see cref="Text"/>: these too, whatever their texts.</summary>
    public IQueryable<Guid>? Also { get; init; }
}

/// <summary>Payments of one state and currency together.</summary>
/// <param name="State">One of <see cref="PaymentStates"/>.</param>
/// <param name="Count">How many.</param>
/// <param name="Amount">Their amounts together; at most <see cref="long.MaxValue"/> minor units.</param>
/// <param name="Refunded">What of it went back.</param>
public sealed record PaymentTotal(string State, int Count, Amount Amount, Amount Refunded);

/// <summary>Payments, for the modules that sell.</summary>
public sealed class PaymentLists
{
    private readonly FlorinDb db;
    private readonly Checkout checkout;
    private readonly PaymentAccess access;

    internal PaymentLists(FlorinDb db, Checkout checkout, PaymentAccess access)
    {
        this.db = db;
        this.checkout = checkout;
        this.access = access;
    }

    /// <summary>A payment as one of its parties sees it.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, another's too</exception>
    public async Task<PaymentView> ShowAsync(Guid id, Caller caller, CancellationToken cancel)
    {
        var payment = await db.Payments.AsNoTracking().SingleOrDefaultAsync(one => one.Id == id, cancel) ?? throw PlatformRefusals.NotFound.With();
        var payee = await access.DemandPartyAsync(payment, caller, cancel) != PayeeRole.None || caller.IsStaff;
        return checkout.Views.Of(payment.Fact, payment.Status, payee);
    }

    /// <summary>What a payee was paid and is to be paid, newest first. The caller checked who asks.</summary>
    /// <param name="payee">Such as a shop.</param>
    /// <param name="state">Only this state; null for all.</param>
    /// <param name="page">Which page.</param>
    /// <param name="cancel">Stops reading.</param>
    public async Task<Page<PaymentView>> OfPayeeAsync(Guid payee, string? state, PageRequest page, CancellationToken cancel)
    {
        var rows = await db
            .Payments.AsNoTracking()
            .Where(one => one.Payee == payee && (page.Before == null || one.Id < page.Before) && (state == null || one.State == state))
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, one => checkout.Views.Of(one.Fact, one.Status, payee: true));
    }

    /// <summary>Whether anybody may still pay what the payee asked for; what payers made themselves does not count.</summary>
    public Task<bool> AnyOpenAsync(Guid payee, CancellationToken cancel) => Open(payee).AnyAsync(one => one.Payer != one.CreatedBy, cancel);

    /// <summary>The payments that payers made themselves and have not paid.</summary>
    public Task<List<Guid>> OpenByPayersAsync(Guid payee, CancellationToken cancel) =>
        Open(payee).Where(one => one.Payer == one.CreatedBy).OrderBy(one => one.Id).Select(one => one.Id).ToListAsync(cancel);

    /// <summary>Payments as their payers see them, newest first. The caller checked who asks.</summary>
    public async Task<Page<PaymentView>> FindAsync(PaymentFilter filter, PageRequest page, CancellationToken cancel)
    {
        var rows = await Matching(filter)
            .Where(one => page.Before == null || one.Id < page.Before)
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, one => checkout.Views.Of(one.Fact, one.Status));
    }

    /// <summary>How many payments there are per state and currency, and what they come to.</summary>
    public async Task<IReadOnlyList<PaymentTotal>> TotalsAsync(PaymentFilter filter, CancellationToken cancel)
    {
        var totals = await Matching(filter)
            .GroupBy(one => new { one.State, one.Currency })
            .Select(group => new
            {
                group.Key.State,
                group.Key.Currency,
                Count = group.Count(),
                Amount = group.Sum(one => (decimal)one.Amount),
                Refunded = group.Sum(one => (decimal)one.Refunded),
            })
            .OrderBy(total => total.State)
            .ThenBy(total => total.Currency)
            .ToListAsync(cancel);
        return totals.ConvertAll(total => new PaymentTotal(total.State, total.Count, Sum(total.Amount, total.Currency), Sum(total.Refunded, total.Currency)));
    }

    private IQueryable<Payment> Open(Guid payee) =>
        db.Payments.AsNoTracking().Where(one => one.Payee == payee && (one.State == PaymentStates.Pending || one.State == PaymentStates.Processing));

    private static Amount Sum(decimal minor, string currency) => new((long)Math.Min(minor, long.MaxValue), Currency.Of(currency));

    private IQueryable<Payment> Matching(PaymentFilter filter)
    {
        if (filter.State is { } state && !PaymentStates.All.Contains(state))
        {
            throw PlatformRefusals.InvalidRequest.Field("state", $"must be one of {string.Join(", ", PaymentStates.All)}");
        }

        var (among, from, to) = (filter.Among, filter.From, filter.To);
        var found = db
            .Payments.AsNoTracking()
            .Where(one =>
                among.Contains(one.Id)
                && (filter.State == null || one.State == filter.State)
                && (from == null || one.CreatedAt >= from)
                && (to == null || one.CreatedAt < to)
            );
        if (filter.Text is not { } text)
        {
            return found;
        }

        var (begins, holds) = (Like.Prefix(text), Like.Part(text));
        return filter.Also is { } also
            ? found.Where(one =>
                EF.Functions.ILike(one.Description!, holds, Like.Escape) || EF.Functions.ILike(one.Reference!, begins, Like.Escape) || also.Contains(one.Id)
            )
            : found.Where(one => EF.Functions.ILike(one.Description!, holds, Like.Escape) || EF.Functions.ILike(one.Reference!, begins, Like.Escape));
    }
}
