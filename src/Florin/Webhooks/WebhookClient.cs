using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Florin.Platform;

namespace Florin.Webhooks;

/// <summary>A name stands for an address that webhooks may not go to.</summary>
internal sealed class AddressRefusedException() : Exception("webhooks are not sent to this address");

/// <summary>
/// Posts one delivery. It goes to the address that was judged, since the name is resolved once; no redirect is followed, no proxy asked, no cookie
/// kept, the certificate is checked, and an answer is neither waited for nor read for long.
/// </summary>
internal sealed class WebhookClient : IDisposable
{
    private const int AnswerBytes = 1024;
    private const int DrainBytes = 64 * 1024 - AnswerBytes;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly AddressGuard guard;
    private readonly WebhookSecrets secrets;
    private readonly TimeProvider clock;
    private readonly HttpClient http;

    /// <summary>Makes the client.</summary>
    public WebhookClient(AddressGuard guard, WebhookSecrets secrets, TimeProvider clock)
    {
        this.guard = guard;
        this.secrets = secrets;
        this.clock = clock;
        http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.None,
                ConnectCallback = ConnectAsync,
                ConnectTimeout = Limit,
                MaxResponseHeadersLength = 16,
                MaxResponseDrainSize = DrainBytes, // what is left of an answer, so that the connection can be used again
                ResponseDrainTimeout = TimeSpan.FromSeconds(1),
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
                PooledConnectionLifetime = TimeSpan.FromMinutes(2), // names are resolved anew
                ActivityHeadersPropagator = null,
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan, // each try has its own
        };
    }

    /// <summary>Tries a delivery.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; whether it arrived is not known.</exception>
    public async Task<TryOutcome> SendAsync(DueDelivery due, CancellationToken cancel)
    {
        var at = clock.GetUtcNow();
        var began = clock.GetTimestamp();
        var (status, error, answer) = await PostAsync(due, at, cancel);
        return new TryOutcome(at, clock.GetElapsedTime(began), status, error, answer);
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<(int? Status, string? Error, string? Answer)> PostAsync(DueDelivery due, DateTimeOffset at, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        try
        {
            using var request = Request(due, at);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var status = (int)response.StatusCode;
            return (status, response.IsSuccessStatusCode ? null : "status", await BeginningAsync(response, limit.Token));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, "timed_out", null);
        }
        catch (HttpRequestException fault)
        {
            return (null, Name(fault), null);
        }
    }

    private HttpRequestMessage Request(DueDelivery due, DateTimeOffset at)
    {
        var body = Encoding.UTF8.GetBytes(due.Body);
        var id = Ids.Show(Delivery.Prefix, due.Id);
        var timestamp = at.ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, due.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.ParseAdd("Florin-Webhooks/1");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", secrets.Sign(due.Endpoint, due.Secrets, id, timestamp, body));
        return request;
    }

    // Only to show it: the status alone says what became of the delivery.
    private static async Task<string?> BeginningAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(AnswerBytes);
        try
        {
            var count = 0;
            await using var body = await response.Content.ReadAsStreamAsync(cancel);
            for (var read = 1; read > 0 && count < AnswerBytes; count += read)
            {
                read = await body.ReadAsync(buffer.AsMemory(count, AnswerBytes - count), cancel);
            }

            return count == 0 ? null : Encoding.UTF8.GetString(buffer, 0, count).Replace('\0', '\uFFFD');
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or OperationCanceledException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancel);
        if (!addresses.All(guard.Allows))
        {
            throw new AddressRefusedException();
        }

        var connected = false;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancel);
            connected = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        finally
        {
            if (!connected)
            {
                socket.Dispose();
            }
        }
    }

    // Words of our own: what the system says may name things that only this server sees.
    private static string Name(HttpRequestException fault)
    {
        for (Exception? inner = fault; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case AddressRefusedException:
                    return "address_refused";
                case AuthenticationException:
                    return "tls_failed";
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return "name_not_found";
            }
        }

        return fault.HttpRequestError switch
        {
            HttpRequestError.SecureConnectionError => "tls_failed",
            HttpRequestError.NameResolutionError => "name_not_found",
            HttpRequestError.ResponseEnded => "cut_off",
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => "malformed_answer",
            HttpRequestError.ConnectionError => "not_connected",
            _ => "cut_off",
        };
    }
}
