using System.Net.Http.Headers;
using System.Text.Json;

namespace Florin.Gateways.AamarPay;

/// <summary>Speaks aamarPay's two calls. Its check carries the key in the address, which is why no address of it is ever logged.</summary>
/// <param name="http">With aamarPay's address.</param>
/// <param name="calls">Tries, time-outs and counts.</param>
/// <param name="settings">Store and key.</param>
internal sealed class AamarPayClient(HttpClient http, GatewayCalls calls, GatewaySettings settings)
{
    /// <summary>Asks for a page on which the payer pays. Sent once: aamarPay knows no idempotency key.</summary>
    public Task<GatewayAnswer> InitiateAsync(IReadOnlyDictionary<string, string> fields, CancellationToken cancel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new SortedDictionary<string, string>(fields.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal)
            {
                ["store_id"] = settings.AamarPayStoreId,
                ["signature_key"] = settings.AamarPaySignatureKey,
                ["type"] = "json",
            }
        );
        return calls.OnceAsync(
            http,
            AamarPayGateway.MethodName,
            () =>
                new HttpRequestMessage(HttpMethod.Post, "jsonpost.php")
                {
                    Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
                },
            cancel
        );
    }

    /// <summary>Asks what became of our number.</summary>
    public Task<GatewayAnswer> CheckAsync(string number, CancellationToken cancel)
    {
        var path =
            $"api/v1/trxcheck/request.php?request_id={Uri.EscapeDataString(number)}&store_id={Uri.EscapeDataString(settings.AamarPayStoreId)}"
            + $"&signature_key={Uri.EscapeDataString(settings.AamarPaySignatureKey)}&type=json";
        return calls.RepeatAsync(http, AamarPayGateway.MethodName, () => new HttpRequestMessage(HttpMethod.Get, path), cancel);
    }
}
