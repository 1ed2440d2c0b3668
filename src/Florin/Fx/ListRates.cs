using Florin.Money;
using Florin.Platform;

namespace Florin.Fx;

/// <summary>The mid rates of one currency in every currency offered here. Anybody may look.</summary>
internal static class ListRates
{
    /// <summary>One rate.</summary>
    /// <param name="Currency">What the base is given in.</param>
    /// <param name="Mid">A decimal: so much for one unit of the base, before the spread.</param>
    /// <param name="FetchedAt">When the provider said so.</param>
    /// <param name="Source">The provider, or <c>fixed</c>.</param>
    /// <param name="Stale">Whether it is too old for conversions.</param>
    public sealed record Line(Currency Currency, string Mid, DateTimeOffset FetchedAt, string Source, bool Stale);

    /// <summary>All of them.</summary>
    /// <param name="Base">The currency of the unit.</param>
    /// <param name="SpreadBps">What a conversion costs, in hundredths of a per cent.</param>
    /// <param name="Data">One line a currency; those without a rate are left out.</param>
    public sealed record Response(Currency Base, int SpreadBps, IReadOnlyList<Line> Data);

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/rates", HandleAsync).AllowAnonymous();

    private static async Task<Response> HandleAsync(string? @base, Settings settings, Rates rates, CancellationToken cancel)
    {
        if (!Currency.TryParse(@base ?? settings.DefaultCurrency.Code, out var unit))
        {
            throw PlatformRefusals.InvalidRequest.Field("base", "must be the three-letter upper-case code of an ISO 4217 currency");
        }

        var table = await rates.TableAsync(cancel);
        var lines =
            from to in settings.Currencies
            where to != unit
            let rate = table.Find(unit, to)
            where rate is not null
            select new Line(to, Rate.Show(rate.Mid), rate.FetchedAt, rate.Source, rates.IsStale(rate));
        return new Response(unit, settings.FxSpreadBps, [.. lines]);
    }
}
