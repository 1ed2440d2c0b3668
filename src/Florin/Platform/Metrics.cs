using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Florin.Platform;

/// <summary><c>GET /metrics</c>: the meters of this process as Prometheus text, for a scraper on this machine or one with <c>FLORIN_METRICS_TOKEN</c>.</summary>
internal sealed class Metrics : IHostedService, IDisposable
{
    private static readonly string[] Meters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql", "Quartz"];

    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Instrument, MetricSeries> series = new();
    private readonly Lock scrape = new();

    public Metrics(IMeterFactory meters)
    {
        // Meters made by a factory belong to one program; those of other programs in this process (tests) are not ours.
        listener.InstrumentPublished = (instrument, measured) =>
        {
            if ((instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meters)) && IsWanted(instrument.Meter.Name))
            {
                measured.EnableMeasurementEvents(instrument, series.GetOrAdd(instrument, static one => new MetricSeries(one)));
            }
        };
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => listener.Dispose();

    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", Show).AllowAnonymous().LimitRate(RateLimit.None).ExcludeFromDescription();

    /// <summary>Everything measured so far.</summary>
    internal string Render()
    {
        lock (scrape)
        {
            foreach (var one in series.Values)
            {
                one.ForgetObserved();
            }

            listener.RecordObservableInstruments();
            var text = new StringBuilder(32 * 1024);
            var last = "";
            foreach (var one in series.Values.OrderBy(one => one.Name, StringComparer.Ordinal))
            {
                one.Write(text, heading: !string.Equals(one.Name, last, StringComparison.Ordinal));
                last = one.Name;
            }

            using var process = Process.GetCurrentProcess();
            Gauge(text, "process_resident_memory_bytes", "Memory of this process in RAM.", process.WorkingSet64);
            Gauge(text, "process_start_time_seconds", "When this process started, in seconds since 1970.", Seconds(process.StartTime));
            return text.ToString();
        }
    }

    private static Microsoft.AspNetCore.Http.HttpResults.ContentHttpResult Show(HttpContext http, Metrics metrics, Settings settings) =>
        MayRead(http, settings) ? TypedResults.Text(metrics.Render(), "text/plain; version=0.0.4", Encoding.UTF8) : throw PlatformRefusals.NotSignedIn.With();

    // A call that a proxy on this machine passed on does not come from this machine.
    private static bool MayRead(HttpContext http, Settings settings)
    {
        var headers = http.Request.Headers;
        var own =
            http.Connection.RemoteIpAddress is { } address
            && IPAddress.IsLoopback(address)
            && !headers.ContainsKey("X-Forwarded-For")
            && !headers.ContainsKey("X-Original-For")
            && !headers.ContainsKey("Forwarded")
            && !headers.ContainsKey("Via");
        return own
            || (
                settings.MetricsToken.Length > 0
                && CryptographicOperations.FixedTimeEquals(
                    Encoding.UTF8.GetBytes(headers.Authorization.ToString()),
                    Encoding.UTF8.GetBytes("Bearer " + settings.MetricsToken)
                )
            );
    }

    private static bool IsWanted(string meter) => Meters.Contains(meter, StringComparer.Ordinal) || meter.StartsWith("Florin", StringComparison.Ordinal);

    private static double Seconds(DateTime time) => (time.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;

    private static void Gauge(StringBuilder text, string name, string help, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value:R}\n");
}
