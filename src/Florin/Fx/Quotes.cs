using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Fx;

/// <summary>Conversions: promised beforehand, or at the rate of this moment.</summary>
public sealed class Quotes(Settings settings, Database database, Rates rates, TimeProvider clock)
{
    /// <summary>Converts an amount at the rate of this moment, without a promise.</summary>
    /// <exception cref="Refusal"><c>rate_stale</c>, <c>rate_unavailable</c> and those of <see cref="FxConversion.Of"/></exception>
    public async ValueTask<FxConversion> AtCurrentRateAsync(Amount source, Currency to, CancellationToken cancel) =>
        FxConversion.Of(source, to, (await rates.GetAsync(source.Currency, to, cancel)).Mid, settings.FxSpreadBps);

    /// <summary>The smallest sum that buys an amount at the rate of this moment, without a promise.</summary>
    /// <exception cref="Refusal"><c>rate_stale</c>, <c>rate_unavailable</c> and those of <see cref="FxConversion.ForTarget"/></exception>
    public async ValueTask<FxConversion> BuyAtCurrentRateAsync(Amount wanted, Currency from, CancellationToken cancel) =>
        FxConversion.ForTarget(wanted, from, (await rates.GetAsync(from, wanted.Currency, cancel)).Mid, settings.FxSpreadBps);

    /// <summary>A person's quote that can be used now.</summary>
    /// <exception cref="Refusal"><c>not_found</c> (another's too), <c>quote_used</c>, <c>quote_expired</c></exception>
    public async Task<Quote> FindAsync(Guid person, Guid id, CancellationToken cancel)
    {
        var quote = await ReadAsync(person, id, cancel) ?? throw PlatformRefusals.NotFound.With();
        return quote.UsedBy is not null ? throw FxRefusals.QuoteUsed.With()
            : quote.ExpiresAt <= clock.GetUtcNow() ? throw FxRefusals.QuoteExpired.With()
            : quote;
    }

    /// <summary>What a ledger commit needs so that a quote is used exactly once and never after its time.</summary>
    /// <param name="quote">From <see cref="FindAsync"/>.</param>
    /// <param name="usedBy">The posting.</param>
    public RowChange Use(Quote quote, Guid usedBy) =>
        new(
            "update fx.quotes set state = 'used', used_by = $3, used_at = $4 where id = $1 and person = $2 and state = 'open' and expires_at > $4",
            [
                new NpgsqlParameter<Guid> { TypedValue = quote.Id },
                new NpgsqlParameter<Guid> { TypedValue = quote.Person },
                new NpgsqlParameter<Guid> { TypedValue = usedBy },
                new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime },
            ],
            1,
            FxRefusals.QuoteUsed,
            "fx.quotes",
            quote.Id
        );

    /// <summary>A person's quote in any state, or null.</summary>
    internal async Task<Quote?> ReadAsync(Guid person, Guid id, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand($"select {Quote.Columns} from fx.quotes where id = $1 and person = $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? Quote.Read(reader) : null;
    }
}
