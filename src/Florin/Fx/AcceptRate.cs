using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

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

    private static async Task<Response> HandleAsync(
        Request request,
        HttpContext http,
        FlorinDb db,
        GeneralLedger ledger,
        Rates rates,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var code = request.Currency.Code;
        var found =
            await (
                from suspect in db.SuspectRates.AsNoTracking()
                join rate in db.Rates on new { suspect.Base, suspect.Quote } equals new { rate.Base, rate.Quote }
                where suspect.Base == RateTable.Base.Code && suspect.Quote == code
                select new { Suspect = suspect.Rate, InUse = rate.Rate }
            ).SingleOrDefaultAsync(cancel) ?? throw PlatformRefusals.NotFound.With();
        if (!string.Equals(Rate.Show(found.Suspect), request.Rate, StringComparison.Ordinal))
        {
            throw FxRefusals.SuspectRateChanged.With();
        }

        var before = Rate.Show(found.InUse);
        var commit = new LedgerCommit();
        commit.Rows.Add(Take(code, found.Suspect));
        commit.Inserts.Add(
            ActivityLog.Row(
                activity.Entry(
                    http,
                    "fx.rate_accepted",
                    details: new
                    {
                        currency = code,
                        before,
                        rate = request.Rate,
                    }
                )
            )
        );
        await ledger.CommitAsync(commit);
        rates.Forget();
        return new Response(RateTable.Base, request.Currency, request.Rate, before);
    }

    // Guarded by the rate that was looked at: a fetch may come in between.
    private static RowChange Take(string quote, decimal rate) =>
        new(
            "with taken as (delete from fx.suspect_rates where base = $1 and quote = $2 and rate = $3 returning base, quote, rate, fetched_at, source) "
                + "update fx.rates r set rate = taken.rate, fetched_at = taken.fetched_at, source = taken.source "
                + "from taken where r.base = taken.base and r.quote = taken.quote",
            [
                new NpgsqlParameter<string> { TypedValue = RateTable.Base.Code },
                new NpgsqlParameter<string> { TypedValue = quote },
                new NpgsqlParameter<decimal> { TypedValue = rate },
            ],
            1,
            FxRefusals.SuspectRateChanged,
            "fx.rates",
            Guid.Empty
        );
}
