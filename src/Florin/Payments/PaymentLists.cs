using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Payments;

/// <summary>Lists of payments for the modules that sell.</summary>
public sealed class PaymentLists(FlorinDb db, Checkout checkout)
{
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
}
