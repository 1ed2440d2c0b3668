using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Fx;

/// <summary>The rates kept aside because they jumped, for staff to look at.</summary>
internal static class ListSuspectRates
{
    /// <summary>One of them.</summary>
    /// <param name="Base">The currency of the unit.</param>
    /// <param name="Currency">What it is given in.</param>
    /// <param name="InUse">The rate in use, a decimal.</param>
    /// <param name="Rate">The rate kept aside, a decimal.</param>
    /// <param name="Times">How many fetches in a row have brought it.</param>
    /// <param name="FirstSeenAt">The first of them.</param>
    /// <param name="FetchedAt">The last of them.</param>
    /// <param name="Source">The provider.</param>
    public sealed record Line(
        string Base,
        string Currency,
        string InUse,
        string Rate,
        int Times,
        DateTimeOffset FirstSeenAt,
        DateTimeOffset FetchedAt,
        string Source
    );

    /// <summary>All of them; there are never more than currencies.</summary>
    /// <param name="Data">By currency.</param>
    public sealed record Response(IReadOnlyList<Line> Data);

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/rates/suspects", HandleAsync).RequireAuthorization(Policies.Staff);

    private static async Task<Response> HandleAsync(FlorinDb db, CancellationToken cancel)
    {
        var rows = await (
            from suspect in db.SuspectRates.AsNoTracking()
            join rate in db.Rates on new { suspect.Base, suspect.Quote } equals new { rate.Base, rate.Quote }
            orderby suspect.Quote
            select new { suspect, InUse = rate.Rate }
        ).ToListAsync(cancel);
        return new Response([
            .. rows.Select(row => new Line(
                row.suspect.Base,
                row.suspect.Quote,
                Rate.Show(row.InUse),
                Rate.Show(row.suspect.Rate),
                row.suspect.Times,
                row.suspect.FirstSeenAt,
                row.suspect.FetchedAt,
                row.suspect.Source
            )),
        ]);
    }
}
