using System.Diagnostics;
using Florin.Money;
using Florin.Platform;

namespace Florin.Fx;

/// <summary>The rates in use. They are read from the table, kept for a few seconds, and never fetched here.</summary>
public sealed class Rates(Settings settings, Database database, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim reading = new(1, 1);
    private volatile Snapshot? snapshot;

    /// <summary>The rate between two currencies, through the base where neither is it.</summary>
    /// <exception cref="Refusal"><c>rate_unavailable</c>, <c>rate_stale</c></exception>
    public async ValueTask<Rate> GetAsync(Currency from, Currency to, CancellationToken cancel)
    {
        var rate = (await TableAsync(cancel)).Find(from, to) ?? throw FxRefusals.RateUnavailable.With($"{from} to {to}");
        return IsStale(rate) ? throw FxRefusals.RateStale.With($"{from} to {to}") : rate;
    }

    /// <inheritdoc/>
    public void Dispose() => reading.Dispose();

    /// <summary>Whether a rate is too old to convert at. The fixed table never is.</summary>
    internal bool IsStale(Rate rate) => settings.FxUrl is not null && clock.GetUtcNow() - rate.FetchedAt > settings.FxMaxAge;

    /// <summary>All rates in use; a few seconds old at most.</summary>
    internal async ValueTask<RateTable> TableAsync(CancellationToken cancel)
    {
        if (settings.FxUrl is null)
        {
            return RateTable.FixedAt(clock.GetUtcNow());
        }

        if (Fresh() is { } known)
        {
            return known;
        }

        await reading.WaitAsync(cancel);
        try
        {
            return Fresh() ?? (snapshot = new Snapshot(await ReadAsync(cancel), Stopwatch.GetTimestamp())).Table;
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>Reads the table anew at the next question.</summary>
    internal void Forget() => snapshot = null;

    private RateTable? Fresh() => snapshot is { } known && Stopwatch.GetElapsedTime(known.At) < Kept ? known.Table : null;

    private async Task<RateTable> ReadAsync(CancellationToken cancel)
    {
        var rows = new Dictionary<Currency, RateTable.Row>();
        await using var command = database.Source.CreateCommand("select quote, rate, fetched_at, source from fx.rates where base = $1");
        command.Parameters.Add(new() { Value = RateTable.Base.Code });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            if (Currency.TryParse(reader.GetString(0), out var currency))
            {
                rows[currency] = new RateTable.Row(reader.GetDecimal(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetString(3));
            }
        }

        return new RateTable(rows);
    }

    private sealed record Snapshot(RateTable Table, long At);
}
