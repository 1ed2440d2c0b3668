using Florin.Platform;

namespace Florin.Gateways;

/// <summary>A callback as staff see it in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Gateway">Which gateway's.</param>
/// <param name="Event">The gateway's own id of it.</param>
/// <param name="Kind">What it says has happened.</param>
/// <param name="Outcome"><c>received</c>, <c>asked</c>, <c>unmatched</c>, <c>ignored</c> or <c>failed</c>.</param>
/// <param name="Attempt">The attempt that it is about, as 32 hex digits, where it says one.</param>
/// <param name="Refund">The refund that it is about, as 32 hex digits, where it says one.</param>
/// <param name="Reference">The gateway's id of the charge, where it says one.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="ProcessedAt">When it was last handled.</param>
/// <param name="Tries">How often it was handled.</param>
public sealed record CallbackView(
    string Id,
    string Gateway,
    string Event,
    string Kind,
    string Outcome,
    string? Attempt,
    string? Refund,
    string? Reference,
    DateTimeOffset ReceivedAt,
    DateTimeOffset? ProcessedAt,
    int Tries
)
{
    internal static CallbackView Of(Callback callback) =>
        new(
            Ids.Show(Callback.Prefix, callback.Id),
            callback.Gateway,
            callback.Event,
            callback.Kind,
            callback.Outcome,
            callback.Attempt?.ToString("N"),
            callback.Refund?.ToString("N"),
            callback.Reference,
            callback.ReceivedAt,
            callback.ProcessedAt,
            callback.Tries
        );
}
