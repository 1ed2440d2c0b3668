using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Florin.Gateways;

/// <summary>What a gateway answered.</summary>
/// <param name="Status">HTTP status; 0 where no answer came, so that nothing is known.</param>
/// <param name="Text">The body.</param>
internal sealed record GatewayAnswer(int Status, string Text)
{
    /// <summary>No answer came.</summary>
    public static readonly GatewayAnswer None = new(0, "");

    /// <summary>Whether it was done.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The body as JSON; undefined where it is not.</summary>
    public JsonElement Json { get; } = Read(Text);

    private static JsonElement Read(string text)
    {
        try
        {
            return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return default;
        }
    }
}

/// <summary>Sends requests to a gateway, within one limit of time for all tries of a call. What was asked and answered is nobody's to read in a log.</summary>
internal sealed partial class GatewayCalls(GatewaySettings settings, TimeProvider clock, ILogger<GatewayCalls> log)
{
    /// <summary>The largest answer in bytes.</summary>
    public const int MaxAnswer = 1 << 20;

    private const int Tries = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly Meter Meter = new("Florin.Gateways");
    private static readonly Counter<long> Answers = Meter.CreateCounter<long>(
        "florin.gateways.calls",
        description: "Calls of gateways, by gateway and status."
    );

    /// <summary>
    /// Sends a request that may be repeated, since it carries a key or only asks: tries again where the connection fails, the gateway is busy with the
    /// key (409), counts too many calls (429) or fails (5xx).
    /// </summary>
    /// <param name="http">The gateway's client.</param>
    /// <param name="gateway">Its name, for the counts.</param>
    /// <param name="request">Makes the request anew for each try.</param>
    /// <param name="cancel">The caller gives up.</param>
    public async Task<GatewayAnswer> RepeatAsync(HttpClient http, string gateway, Func<HttpRequestMessage> request, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(settings.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        var answer = GatewayAnswer.None;
        for (var tried = 1; ; tried++)
        {
            (answer, var pause) = await TryAsync(http, gateway, request, either.Token, cancel);
            if (answer.Status is not (0 or 409 or 429 or >= 500) || tried == Tries || limit.IsCancellationRequested || pause >= settings.Timeout)
            {
                return answer;
            }

            try
            {
                await Task.Delay(pause ?? Jitter(FirstPause * (1 << tried)), clock, either.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return answer; // no time for another try
            }
        }
    }

    /// <summary>Sends a request once: it may not be done twice.</summary>
    public async Task<GatewayAnswer> OnceAsync(HttpClient http, string gateway, Func<HttpRequestMessage> request, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(settings.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        return (await TryAsync(http, gateway, request, either.Token, cancel)).Answer;
    }

    private async Task<(GatewayAnswer Answer, TimeSpan? Pause)> TryAsync(
        HttpClient http,
        string gateway,
        Func<HttpRequestMessage> make,
        CancellationToken either,
        CancellationToken cancel
    )
    {
        // One try that hangs must leave time for another.
        using var limit = new CancellationTokenSource(settings.Timeout / 2, clock);
        using var all = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, either);
        try
        {
            using var request = make();
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, all.Token);
            var text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(all.Token));
            Answers.Add(1, new("gateway", gateway), new("status", (int)response.StatusCode));
            return (new GatewayAnswer((int)response.StatusCode, text), PauseOf(response));
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException or IOException)
        {
            cancel.ThrowIfCancellationRequested();
            Answers.Add(1, new("gateway", gateway), new("status", 0));
            LogNoAnswer(gateway, fault is HttpRequestException known ? known.HttpRequestError.ToString() : fault.GetType().Name);
            return (GatewayAnswer.None, null);
        }
    }

    private static TimeSpan? PauseOf(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
        && response.Headers.TryGetValues("Retry-After", out var values)
        && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static TimeSpan Jitter(TimeSpan most) => most * RandomNumberGenerator.GetInt32(50, 101) / 100;

    [LoggerMessage(LogLevel.Warning, "{Gateway} did not answer: {Fault}")]
    private partial void LogNoAnswer(string gateway, string fault);
}
