using System.Text.Json;
using Florin.Platform;

namespace Florin.Activity;

/// <summary>An activity row as lists show it.</summary>
/// <param name="Id"><c>act_…</c></param>
/// <param name="At">When.</param>
/// <param name="Action">What, such as <c>identity.signed_in</c>.</param>
/// <param name="Actor">Who did it; null for the program itself or a stranger.</param>
/// <param name="Subject">The person whom it concerns.</param>
/// <param name="Address">From which network address.</param>
/// <param name="RequestId">The request that did it, as in the log.</param>
/// <param name="Details">Further facts.</param>
internal sealed record ActivityView(
    string Id,
    DateTimeOffset At,
    string Action,
    string? Actor,
    string? Subject,
    string? Address,
    string? RequestId,
    JsonElement Details
)
{
    /// <summary>What staff see: all of it.</summary>
    public static ActivityView Of(ActivityEntry entry) =>
        new(
            Ids.Show("act", entry.Id),
            entry.At,
            entry.Action,
            entry.Actor is { } actor ? Ids.Show("usr", actor) : null,
            entry.Subject is { } subject ? Ids.Show("usr", subject) : null,
            entry.Address?.ToString(),
            entry.RequestId,
            JsonSerializer.Deserialize<JsonElement>(entry.Details)
        );

    /// <summary>What the person themselves sees: from where they acted, not from where staff did.</summary>
    public static ActivityView ToSubject(ActivityEntry entry) =>
        entry.Actor is null || entry.Actor == entry.Subject ? Of(entry) : Of(entry) with { Address = null, RequestId = null };
}
