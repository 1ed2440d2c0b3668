using Florin.Platform;

namespace Florin.Webhooks;

/// <summary>Where a merchant wants to be told of events.</summary>
internal sealed class WebhookEndpoint
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "whk";

    /// <summary>The longest address.</summary>
    public const int UrlLength = 2000;

    /// <summary>The longest description.</summary>
    public const int DescriptionLength = 200;

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Ids.New();

    /// <summary>The merchant.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Where deliveries are posted.</summary>
    public required string Url { get; set; }

    /// <summary>Some of <see cref="WebhookTopics.All"/>, or <see cref="WebhookTopics.Any"/> alone.</summary>
    public required string[] Topics { get; set; }

    /// <summary>What the owner calls it.</summary>
    public string? Description { get; set; }

    /// <summary>Made at.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The first failed try since the last success.</summary>
    public DateTimeOffset? FailingSince { get; set; }

    /// <summary>Since when nothing is sent.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>One of <see cref="DisabledReasons"/>.</summary>
    public string? DisabledReason { get; set; }

    /// <summary>Its deliveries are still kept.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>The public id, <c>whk_…</c>.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>Topics as they are kept: known ones, each once, in order.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static string[] CleanTopics(string[]? topics)
    {
        if (topics is null || topics.Contains(WebhookTopics.Any, StringComparer.Ordinal))
        {
            return [WebhookTopics.Any];
        }

        return topics.Length > 0 && topics.All(topic => WebhookTopics.All.Contains(topic, StringComparer.Ordinal))
            ? [.. topics.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : throw PlatformRefusals.InvalidRequest.Field("events", "must be [\"*\"] or some of " + string.Join(", ", WebhookTopics.All));
    }

    /// <summary>A description as it is kept.</summary>
    public static string? CleanDescription(string? description) => string.IsNullOrWhiteSpace(description) ? null : description.Trim();
}

/// <summary>Why nothing is sent to an endpoint.</summary>
internal static class DisabledReasons
{
    /// <summary>Its owner wants it so.</summary>
    public const string Owner = "owner";

    /// <summary>It answered 410.</summary>
    public const string Gone = "gone";

    /// <summary>Every try failed for three days.</summary>
    public const string Failing = "failing";
}

/// <summary>An endpoint as its owner sees it.</summary>
/// <param name="Id"><c>whk_…</c></param>
/// <param name="Url">Where deliveries are posted.</param>
/// <param name="Events">Topics; <c>*</c> for all.</param>
/// <param name="Description">What the owner calls it.</param>
/// <param name="Enabled">Whether events are sent to it.</param>
/// <param name="DisabledReason"><c>owner</c>, <c>gone</c> (it answered 410) or <c>failing</c> (every try failed for three days).</param>
/// <param name="DisabledAt">Since when it is disabled.</param>
/// <param name="FailingSince">The first failed try since the last success.</param>
/// <param name="CreatedAt">Made at.</param>
internal sealed record WebhookView(
    string Id,
    string Url,
    IReadOnlyList<string> Events,
    string? Description,
    bool Enabled,
    string? DisabledReason,
    DateTimeOffset? DisabledAt,
    DateTimeOffset? FailingSince,
    DateTimeOffset CreatedAt
)
{
    /// <summary>The view of a row.</summary>
    public static WebhookView Of(WebhookEndpoint endpoint) =>
        new(
            endpoint.PublicId,
            endpoint.Url,
            endpoint.Topics,
            endpoint.Description,
            endpoint.DisabledAt is null,
            endpoint.DisabledReason,
            endpoint.DisabledAt,
            endpoint.FailingSince,
            endpoint.CreatedAt
        );
}
