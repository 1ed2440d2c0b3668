namespace Florin.Gateways.Stripe;

/// <summary>Speaks Stripe's REST API.</summary>
/// <param name="http">With Stripe's address, key and version.</param>
/// <param name="calls">Tries, time-outs and counts.</param>
internal sealed class StripeClient(HttpClient http, GatewayCalls calls)
{
    /// <summary>The version of the API that this code was written for; accounts have another default each.</summary>
    public const string Version = "2025-08-27.basil";

    /// <summary>How long Stripe keeps answers under their keys, less an hour: afterwards a repeated request would be a new one.</summary>
    public static readonly TimeSpan KeyLife = TimeSpan.FromHours(23);

    /// <summary>Reads.</summary>
    public Task<GatewayAnswer> GetAsync(string path, CancellationToken cancel) =>
        calls.RepeatAsync(http, StripeGateway.MethodName, () => new HttpRequestMessage(HttpMethod.Get, path), cancel);

    /// <summary>Writes, once under the key.</summary>
    public Task<GatewayAnswer> PostAsync(string path, string key, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken cancel) =>
        calls.RepeatAsync(
            http,
            StripeGateway.MethodName,
            () => new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form), Headers = { { "Idempotency-Key", key } } },
            cancel
        );
}
