using System.Net;
using System.Text.Json;
using Florin.Platform;
using NpgsqlTypes;

namespace Florin.Activity;

/// <summary>One thing that somebody did: kept for ever, never changed.</summary>
public sealed class ActivityEntry
{
    /// <summary>UUIDv7; sorts by time.</summary>
    public Guid Id { get; init; } = Ids.New();

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it; null for the program itself or a stranger.</summary>
    public Guid? Actor { get; init; }

    /// <summary>The person that it concerns, who may read it; null where there is none.</summary>
    public Guid? Subject { get; init; }

    /// <summary>What: <c>module.past_participle</c>, such as <c>identity.signed_in</c>.</summary>
    public required string Action { get; init; }

    /// <summary>From which network address.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The request that did it, as in the log.</summary>
    public string? RequestId { get; init; }

    /// <summary>Further facts as JSON. No secrets, no e-mail addresses.</summary>
    public string Details { get; init; } = "{}";
}

/// <summary>Makes activity rows. They are written with the effect: by a ledger commit, or with EF in the same <c>SaveChanges</c>.</summary>
public sealed class ActivityLog(TimeProvider clock)
{
    private static readonly InsertShape<ActivityEntry> Shape = new(
        "insert into activity.entries (id, at, actor, subject, action, address, request_id, details) " + "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)",
        Column.Of((ActivityEntry e) => e.Id, NpgsqlDbType.Uuid),
        Column.Of((ActivityEntry e) => e.At.UtcDateTime, NpgsqlDbType.TimestampTz),
        Column.Of((ActivityEntry e) => e.Actor, NpgsqlDbType.Uuid),
        Column.Of((ActivityEntry e) => e.Subject, NpgsqlDbType.Uuid),
        Column.Of((ActivityEntry e) => e.Action, NpgsqlDbType.Text),
        Column.Of((ActivityEntry e) => e.Address, NpgsqlDbType.Inet),
        Column.Of((ActivityEntry e) => e.RequestId, NpgsqlDbType.Text),
        Column.Of((ActivityEntry e) => e.Details, NpgsqlDbType.Jsonb)
    );

    /// <summary>What the caller of this request did.</summary>
    /// <param name="http">The request: actor, address and request id come from it.</param>
    /// <param name="action"><c>module.past_participle</c></param>
    /// <param name="subject">The person that it concerns; the actor where not given.</param>
    /// <param name="details">Serialised as JSON; no secrets.</param>
    /// <param name="by">Who did it, where the request itself shows who they are, such as a sign-in; else the caller.</param>
    public ActivityEntry Entry(HttpContext http, string action, Guid? subject = null, object? details = null, Guid? by = null)
    {
        var actor = by ?? Caller.TryGet(http.User)?.Person;
        return new ActivityEntry
        {
            At = clock.GetUtcNow(),
            Actor = actor,
            Subject = subject ?? actor,
            Action = action,
            Address = http.Connection.RemoteIpAddress,
            RequestId = http.TraceIdentifier,
            Details = details is null ? "{}" : JsonSerializer.Serialize(details, Wire.Json),
        };
    }

    /// <summary>What the program itself did, such as a job.</summary>
    public ActivityEntry Entry(string action, Guid? subject, object? details = null) =>
        new()
        {
            At = clock.GetUtcNow(),
            Subject = subject,
            Action = action,
            Details = details is null ? "{}" : JsonSerializer.Serialize(details, Wire.Json),
        };

    /// <summary>The entry as a row of a ledger commit.</summary>
    public static RowInsert Row(ActivityEntry entry) => Shape.Row(entry);
}
