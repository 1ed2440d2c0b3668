using System.Globalization;
using System.Text.Json;
using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Fx;

/// <summary>Fetches the provider's rates and takes those that are believed. Where the provider fails, the old ones stay.</summary>
internal static partial class RefreshRates
{
    /// <summary>The job.</summary>
    public static RecurringJob Job(Settings settings)
    {
        var minutes = settings.FxRefreshMinutes == 60 ? "0" : "0/" + settings.FxRefreshMinutes.ToString(CultureInfo.InvariantCulture);
        return new RecurringJob("fx.refresh_rates", $"0 {minutes} * * * ?", RunAsync);
    }

    /// <summary>One fetch.</summary>
    public static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        await using var scope = services.CreateAsyncScope();
        services = scope.ServiceProvider;
        if (services.GetRequiredService<Settings>().FxUrl is null)
        {
            return;
        }

        var log = services.GetRequiredService<ILogger<Rates>>();
        var provider = services.GetRequiredService<RateProvider>();
        if (await FetchAsync(provider, log, cancel) is not { } fetched)
        {
            return;
        }

        try
        {
            await TakeAsync(services, provider.Source, fetched, log, cancel);
        }
        catch (DbUpdateException)
        {
            LogOvertaken(log); // another server took its own fetch of the same moment
        }

        services.GetRequiredService<Rates>().Forget();
    }

    private static async Task<IReadOnlyDictionary<Currency, decimal>?> FetchAsync(RateProvider provider, ILogger log, CancellationToken cancel)
    {
        try
        {
            var fetched = await provider.FetchAsync(cancel);
            FxMetrics.Fetches.Add(1, new KeyValuePair<string, object?>("outcome", "ok"));
            return fetched;
        }
        catch (HttpRequestException e)
        {
            LogFailed(log, provider.Source, e.Message);
        }
        catch (JsonException e)
        {
            LogFailed(log, provider.Source, e.Message);
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            LogFailed(log, provider.Source, e.Message);
        }

        FxMetrics.Fetches.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));
        return null;
    }

    private static async Task TakeAsync(
        IServiceProvider services,
        string source,
        IReadOnlyDictionary<Currency, decimal> fetched,
        ILogger log,
        CancellationToken cancel
    )
    {
        var settings = services.GetRequiredService<Settings>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var db = services.GetRequiredService<FlorinDb>();
        var rates = await db.Rates.Where(r => r.Base == RateTable.Base.Code).ToDictionaryAsync(r => r.Quote, StringComparer.Ordinal, cancel);
        var suspects = await db.SuspectRates.Where(r => r.Base == RateTable.Base.Code).ToDictionaryAsync(r => r.Quote, StringComparer.Ordinal, cancel);
        foreach (var (currency, value) in fetched)
        {
            var rate = rates.GetValueOrDefault(currency.Code);
            var suspect = suspects.GetValueOrDefault(currency.Code);
            var times = JumpBreaker.TimesSuspected(
                rate?.Rate,
                suspect is null ? null : (suspect.Rate, suspect.Times),
                value,
                settings.FxJumpPercent,
                settings.FxJumpConfirmations
            );
            if (times > 0)
            {
                KeepAside(db, suspect, currency.Code, value, times, source, now);
                FxMetrics.Jumps.Add(1, new KeyValuePair<string, object?>("currency", currency.Code));
                LogJump(log, currency.Code, rate!.Rate, value, times, settings.FxJumpConfirmations);
                continue;
            }

            Take(db, rate, currency.Code, value, source, now);
            if (suspect is not null)
            {
                db.Remove(suspect);
            }
        }

        await db.SaveChangesAsync(cancel);
    }

    private static void Take(FlorinDb db, StoredRate? rate, string quote, decimal value, string source, DateTimeOffset now)
    {
        if (rate is null)
        {
            db.Add(
                new StoredRate
                {
                    Base = RateTable.Base.Code,
                    Quote = quote,
                    Rate = value,
                    FetchedAt = now,
                    Source = source,
                }
            );
            return;
        }

        rate.Rate = value;
        rate.FetchedAt = now;
        rate.Source = source;
    }

    private static void KeepAside(FlorinDb db, SuspectRate? suspect, string quote, decimal value, int times, string source, DateTimeOffset now)
    {
        if (suspect is null)
        {
            db.Add(
                new SuspectRate
                {
                    Base = RateTable.Base.Code,
                    Quote = quote,
                    Rate = value,
                    FirstSeenAt = now,
                    FetchedAt = now,
                    Times = times,
                    Source = source,
                }
            );
            return;
        }

        suspect.Rate = value;
        suspect.FirstSeenAt = times == 1 ? now : suspect.FirstSeenAt;
        suspect.FetchedAt = now;
        suspect.Times = times;
        suspect.Source = source;
    }

    [LoggerMessage(LogLevel.Warning, "exchange rates of {Source} could not be fetched: {Problem}; the old ones stay in use")]
    private static partial void LogFailed(ILogger log, string source, string problem);

    [LoggerMessage(LogLevel.Warning, "the rate of {Currency} jumped from {Old} to {New}: kept aside, seen {Times} of {Needed} times in a row")]
    private static partial void LogJump(ILogger log, string currency, decimal old, decimal @new, int times, int needed);

    [LoggerMessage(LogLevel.Information, "another server took exchange rates at the same time; this fetch is dropped")]
    private static partial void LogOvertaken(ILogger log);
}
