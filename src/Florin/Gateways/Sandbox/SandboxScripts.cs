using System.Text.Json;
using Florin.Platform;

namespace Florin.Gateways.Sandbox;

/// <summary>Bad days to rehearse: by <c>?script=</c> on the sandbox's page, or by a header on the call that begins to pay.</summary>
internal static class SandboxScripts
{
    /// <summary>The header.</summary>
    public const string Header = "Sandbox-Script";

    /// <summary>A good day.</summary>
    public const string None = "";

    /// <summary>The callback comes after ten seconds, and so does the end of a refund.</summary>
    public const string Slow = "slow";

    /// <summary>The same event comes three times.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>An older <c>charge.processing</c> comes after the final event.</summary>
    public const string OutOfOrder = "out_of_order";

    /// <summary>No callback comes: only who asks finds out.</summary>
    public const string Lost = "lost";

    /// <summary>The charge expires, and ten seconds later it is captured after all.</summary>
    public const string Late = "late";

    /// <summary>It is captured at once, but the answer to that call is lost.</summary>
    public const string Timeout = "timeout";

    /// <summary>The callback names another amount; who asks is told the right one.</summary>
    public const string WrongAmount = "wrong_amount";

    /// <summary>The callback has a bad signature.</summary>
    public const string Forged = "forged";

    /// <summary>It is captured at once, without the page.</summary>
    public const string Instant = "instant";

    /// <summary>The card is declined at once, without the page.</summary>
    public const string Decline = "decline";

    /// <summary>Every script, with what it does.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning)> All =
    [
        (None, "A good day"),
        (Slow, "The callback comes after ten seconds"),
        (Duplicate, "The same callback comes three times"),
        (OutOfOrder, "An older callback comes after the last one"),
        (Lost, "No callback comes"),
        (Late, "It expires, and is captured ten seconds later"),
        (WrongAmount, "The callback names another amount"),
        (Forged, "The callback has a bad signature"),
        (Timeout, "Captured, but the answer is lost"),
        (Instant, "Captured without this page"),
        (Decline, "Declined without this page"),
    ];

    /// <summary>What can still be chosen on the page: the others happen before it.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning)> OnPage = [.. All.Where(one => one.Name is not (Timeout or Instant or Decline))];

    private static readonly TimeSpan Later = TimeSpan.FromSeconds(10);

    /// <summary>Whether there is such a script.</summary>
    public static bool Exists(string name) => All.Any(one => string.Equals(one.Name, name, StringComparison.Ordinal));

    /// <summary>The callbacks that follow the end of a charge.</summary>
    public static IReadOnlyList<SandboxCallback> Plan(SandboxCharge charge, string state, string script, DateTimeOffset now)
    {
        var end = Event(charge, "charge." + state, now);
        return script switch
        {
            Lost => [],
            Slow or Timeout => [end with { DueAt = now + Later }],
            Duplicate => [end, end, end],
            OutOfOrder => [end, Event(charge, "charge.processing", now - TimeSpan.FromMinutes(1)) with { DueAt = now + TimeSpan.FromSeconds(1) }],
            Forged => [end with { Forged = true }],
            WrongAmount => [Event(charge with { Amount = charge.Amount with { Minor = charge.Amount.Minor * 2 } }, "charge." + state, now)],
            Late when state is SandboxCharge.Expired =>
            [
                end,
                Event(charge, "charge." + SandboxCharge.Captured, now + Later) with
                {
                    DueAt = now + Later,
                    Captures = true,
                },
            ],
            _ => [end],
        };
    }

    /// <summary>When a refund of such a charge ends.</summary>
    public static DateTimeOffset RefundEnds(string script, DateTimeOffset now) => script is Slow ? now + Later : now;

    /// <summary>The callback of a refund's end.</summary>
    public static SandboxCallback RefundEvent(SandboxCharge charge, Guid refund, DateTimeOffset endsAt) =>
        new(Body(charge, "refund.completed", refund, endsAt), endsAt);

    private static SandboxCallback Event(SandboxCharge charge, string type, DateTimeOffset at) => new(Body(charge, type, null, at), at);

    private static string Body(SandboxCharge charge, string type, Guid? refund, DateTimeOffset at) =>
        JsonSerializer.Serialize(
            new SandboxEvent(
                Ids.Show("evt", Ids.New()),
                type,
                at,
                charge.Attempt.ToString("N"),
                refund?.ToString("N"),
                charge.Amount.ToDecimalString(),
                charge.Amount.Currency.Code
            ),
            Wire.Json
        );
}

/// <summary>A callback of the sandbox gateway, as it goes over the wire.</summary>
internal sealed record SandboxEvent(string Id, string Type, DateTimeOffset Created, string Attempt, string? Refund, string Amount, string Currency);

/// <summary>A callback to send.</summary>
/// <param name="Body">JSON.</param>
/// <param name="DueAt">When.</param>
internal sealed record SandboxCallback(string Body, DateTimeOffset DueAt)
{
    /// <summary>Whether its signature is bad.</summary>
    public bool Forged { get; init; }

    /// <summary>Whether the expired charge is captured after all at that moment.</summary>
    public bool Captures { get; init; }
}
