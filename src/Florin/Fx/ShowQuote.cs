using Florin.Money;
using Florin.Platform;

namespace Florin.Fx;

/// <summary>Shows a person their own quote.</summary>
public static class ShowQuote
{
    /// <summary>Whether a quote can be used.</summary>
    public enum State
    {
        /// <summary>It can.</summary>
        Open,

        /// <summary>It was.</summary>
        Used,

        /// <summary>Its time is over.</summary>
        Expired,
    }

    /// <summary>A quote. Rates are decimals: so much of the target for one unit of the source.</summary>
    /// <param name="Id"><c>quo_…</c></param>
    /// <param name="SourceAmount">What is given.</param>
    /// <param name="TargetAmount">What is got.</param>
    /// <param name="Rate">The customer's rate before rounding.</param>
    /// <param name="MidRate">Between buying and selling.</param>
    /// <param name="SpreadBps">The difference of the two in hundredths of a per cent.</param>
    /// <param name="SpreadAmount">What of the source amount that is.</param>
    /// <param name="RateAt">When the rate was fetched.</param>
    /// <param name="State">Whether it can be used.</param>
    /// <param name="CreatedAt">When it was promised.</param>
    /// <param name="ExpiresAt">From when on it cannot be used.</param>
    public sealed record Response(
        string Id,
        Amount SourceAmount,
        Amount TargetAmount,
        string Rate,
        string MidRate,
        int SpreadBps,
        Amount SpreadAmount,
        DateTimeOffset RateAt,
        State State,
        DateTimeOffset CreatedAt,
        DateTimeOffset ExpiresAt
    )
    {
        internal static Response Of(Quote quote, DateTimeOffset now) =>
            new(
                Ids.Show(Quote.Prefix, quote.Id),
                quote.Conversion.Source,
                quote.Conversion.Credited,
                Fx.Rate.Show(quote.Conversion.Rate),
                Fx.Rate.Show(quote.Conversion.Mid),
                quote.Conversion.SpreadBps,
                new Amount(quote.Conversion.Spread, quote.Conversion.Source.Currency),
                quote.RateAt,
                quote.UsedBy is not null ? State.Used
                    : quote.ExpiresAt <= now ? State.Expired
                    : State.Open,
                quote.CreatedAt,
                quote.ExpiresAt
            );
    }

    internal static void Map(RouteGroupBuilder routes) => routes.MapGet("/quotes/{id}", HandleAsync).RequireAuthorization(Policies.Person);

    private static async Task<Response> HandleAsync(string id, Caller caller, Quotes quotes, TimeProvider clock, CancellationToken cancel)
    {
        var quote = await quotes.ReadAsync(caller.Person, Ids.Read(Quote.Prefix, id), cancel) ?? throw PlatformRefusals.NotFound.With();
        return Response.Of(quote, clock.GetUtcNow());
    }
}
