using Florin.Activity;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Fx;

/// <summary>Staff believe a rate that jumped: it is taken into use at once.</summary>
internal static class AcceptRate
{
    /// <summary>Which one.</summary>
    /// <param name="Currency">Its currency.</param>
    /// <param name="Rate">What was looked at: a decimal, the currency for one unit of the base.</param>
    public sealed record Request(Currency Currency, string Rate);

    /// <summary>The rate in use from now on.</summary>
    /// <param name="Base">The currency of the unit.</param>
    /// <param name="Currency">What it is given in.</param>
    /// <param name="Rate">A decimal.</param>
    /// <param name="Before">The rate in use until now.</param>
    public sealed record Response(Currency Base, Currency Currency, string Rate, string Before);

    public static void Map(RouteGroupBuilder routes) => routes.MapPost("/rates/accept", HandleAsync).RequireAuthorization(Policies.Finance);

    private static async Task<Response> HandleAsync(Request request, HttpContext http, FlorinDb db, Rates rates, ActivityLog activity, CancellationToken cancel)
    {
        var code = request.Currency.Code;
        var suspect =
            await db.SuspectRates.SingleOrDefaultAsync(r => r.Base == RateTable.Base.Code && r.Quote == code, cancel) ?? throw PlatformRefusals.NotFound.With();
        if (!string.Equals(Rate.Show(suspect.Rate), request.Rate, StringComparison.Ordinal))
        {
            throw FxRefusals.SuspectRateChanged.With();
        }

        var rate = await db.Rates.SingleAsync(r => r.Base == RateTable.Base.Code && r.Quote == code, cancel);
        var before = rate.Rate;
        rate.Rate = suspect.Rate;
        rate.FetchedAt = suspect.FetchedAt;
        rate.Source = suspect.Source;
        db.Remove(suspect);
        db.Add(
            activity.Entry(
                http,
                "fx.rate_accepted",
                details: new
                {
                    currency = code,
                    before = Rate.Show(before),
                    rate = request.Rate,
                }
            )
        );
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw FxRefusals.SuspectRateChanged.With(); // a fetch came in between
        }

        rates.Forget();
        return new Response(RateTable.Base, request.Currency, request.Rate, Rate.Show(before));
    }
}
