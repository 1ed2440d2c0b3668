using System.Data.Common;
using Florin.Platform;

namespace Florin.Fx;

/// <summary>Fetches rates at the start where they are missing or older than the job's period, so that a new installation need not wait for the job.</summary>
internal sealed partial class FirstRates(Settings settings, Rates rates, IServiceProvider services, TimeProvider clock, ILogger<FirstRates> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.FxUrl is null)
        {
            return;
        }

        // What is thrown here would stop the server, and the job tries again soon.
        try
        {
            var table = await rates.TableAsync(stoppingToken);
            var due = clock.GetUtcNow() - TimeSpan.FromMinutes(settings.FxRefreshMinutes);
            if (table.Rows.Count == 0 || table.Rows.Values.Max(row => row.FetchedAt) < due)
            {
                await RefreshRates.RunAsync(services, stoppingToken);
            }
        }
        catch (DbException e)
        {
            LogPutOff(e);
        }
        catch (InvalidOperationException e) when (e.InnerException is DbException)
        {
            LogPutOff(e); // how EF wraps a failure that may pass
        }
    }

    [LoggerMessage(LogLevel.Warning, "exchange rates could not be kept at the start; the job will fetch them")]
    private partial void LogPutOff(Exception e);
}
