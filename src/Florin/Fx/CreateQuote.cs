using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Fx;

/// <summary>Promises a person a conversion for a minute: from what they give, or for what they want to get at least.</summary>
internal static class CreateQuote
{
    /// <summary>Exactly one of the amounts.</summary>
    /// <param name="From">The currency to give.</param>
    /// <param name="To">The currency to get.</param>
    /// <param name="SourceAmount">What is given, of <paramref name="From"/>.</param>
    /// <param name="TargetAmount">What is wanted at least, of <paramref name="To"/>.</param>
    public sealed record Request(Currency From, Currency To, Amount? SourceAmount = null, Amount? TargetAmount = null);

    public static void Map(RouteGroupBuilder routes) => routes.MapPost("/quotes", HandleAsync).RequireAuthorization(Policies.Person);

    private static async Task<IResult> HandleAsync(
        Request request,
        HttpContext http,
        Caller caller,
        Settings settings,
        Idempotency idempotency,
        GeneralLedger ledger,
        Database database,
        Rates rates,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        Check(request, settings);
        var key = idempotency.Read(http, caller.Person, request);
        var rate = await rates.GetAsync(request.From, request.To, cancel);
        var conversion = request.SourceAmount is { } source
            ? FxConversion.Of(source, request.To, rate.Mid, settings.FxSpreadBps)
            : FxConversion.ForTarget(request.TargetAmount!.Value, request.From, rate.Mid, settings.FxSpreadBps);
        var now = clock.GetUtcNow();
        var quote = new Quote(Ids.New(), caller.Person, conversion, rate.FetchedAt, now, now + settings.FxQuoteLife);
        var answer = Answer.Json(StatusCodes.Status201Created, ShowQuote.Response.Of(quote, now));
        if (key is not null)
        {
            // With a key the row and the kept answer must be one transaction, and that is a commit.
            var commit = new LedgerCommit { Key = key, Complete = _ => answer };
            commit.Inserts.Add(Quote.Shape.Row(quote));
            return (await ledger.CommitAsync(commit)).Required;
        }

        await using var batch = database.Source.CreateBatch();
        batch.BatchCommands.Add(Quote.Shape.Command([quote]));
        await batch.ExecuteNonQueryAsync(cancel);
        return answer;
    }

    private static void Check(Request request, Settings settings)
    {
        if ((request.SourceAmount is null) == (request.TargetAmount is null))
        {
            throw PlatformRefusals.InvalidRequest.Field("source_amount", "give either source_amount or target_amount");
        }

        if (request.SourceAmount is { } source && source.Currency != request.From)
        {
            throw PlatformRefusals.InvalidRequest.Field("source_amount", "must be of the currency in from");
        }

        if (request.TargetAmount is { } target && target.Currency != request.To)
        {
            throw PlatformRefusals.InvalidRequest.Field("target_amount", "must be of the currency in to");
        }

        foreach (var currency in new[] { request.From, request.To })
        {
            if (!settings.Currencies.Contains(currency))
            {
                throw FxRefusals.CurrencyNotSupported.With(currency.Code);
            }
        }
    }
}
