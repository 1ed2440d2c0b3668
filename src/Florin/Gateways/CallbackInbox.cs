using System.Buffers.Text;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text.Json;
using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Gateways;

/// <summary>A callback that has arrived, and what it is about.</summary>
/// <param name="Gateway">Which gateway's.</param>
/// <param name="Event">The gateway's own id of it; null to use a digest of kind and body.</param>
/// <param name="Kind">What it says has happened.</param>
/// <param name="Body">As it came.</param>
internal sealed record Arrival(string Gateway, string? Event, string Kind, byte[] Body)
{
    /// <summary>The headers worth keeping.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The attempt, where it says one.</summary>
    public Guid? Attempt { get; init; }

    /// <summary>The refund, where it says one.</summary>
    public Guid? Refund { get; init; }

    /// <summary>The gateway's id of the charge.</summary>
    public string? Reference { get; init; }

    /// <summary>Whether it says nothing that we would act on.</summary>
    public bool Ignored { get; init; }

    /// <summary>Whether a payer disputes a charge, which staff must know.</summary>
    public bool Disputes { get; init; }
}

/// <summary>Keeps every callback as it came, each event once, before anything is done about it.</summary>
internal sealed partial class CallbackInbox(Database database, Secrets secrets, ActivityLog activity, TimeProvider clock, ILogger<CallbackInbox> log)
{
    private const int LongestName = 255;
    private static readonly Meter Meter = new("Florin.Gateways");
    private static readonly Counter<long> Callbacks = Meter.CreateCounter<long>(
        "florin.gateways.callbacks",
        description: "Callbacks by gateway and what was done with them at the door: kept, repeated, not_authentic."
    );

    /// <summary>Keeps a callback.</summary>
    /// <returns>Its id, and whether something is still to be done about it: a repeated one whose first has been handled is done with.</returns>
    public async Task<(Guid Id, bool Open)> KeepAsync(Arrival arrival, CancellationToken cancel)
    {
        var name = arrival.Event is { } given && IsPlain(given) ? given : DigestOf(arrival);
        var kind = IsPlain(arrival.Kind) ? arrival.Kind : "unreadable";
        var id = Ids.New();
        var (kept, open, fresh) = await database.TransactionAsync(
            async connection =>
            {
                if (await InsertAsync(connection, arrival, id, name, kind, cancel))
                {
                    if (arrival.Disputes)
                    {
                        await TellDisputeAsync(connection, arrival, id, kind, cancel);
                    }

                    return (id, !arrival.Ignored, true);
                }

                await using var find = new NpgsqlCommand("select id, outcome from gateways.callbacks where gateway = $1 and event = $2", connection);
                find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = arrival.Gateway });
                find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
                await using var reader = await find.ExecuteReaderAsync(cancel);
                return await reader.ReadAsync(cancel)
                    ? (reader.GetGuid(0), reader.GetString(1) is CallbackOutcomes.Received or CallbackOutcomes.Failed, false)
                    : (id, false, false); // forgotten between the two statements: 90 days old
            },
            cancel
        );
        Callbacks.Add(1, new("gateway", arrival.Gateway), new("outcome", fresh ? "kept" : "repeated"));
        if (fresh && arrival.Disputes)
        {
            LogDispute(arrival.Gateway, Ids.Show(Callback.Prefix, kept));
        }

        return (kept, open);
    }

    /// <summary>A callback whose signature is wrong: counted, and nothing of it is kept.</summary>
    public Refusal Refuse(string gateway)
    {
        Callbacks.Add(1, new("gateway", gateway), new("outcome", "not_authentic"));
        LogNotAuthentic(gateway);
        return GatewaysRefusals.CallbackNotAuthentic.With();
    }

    /// <summary>The body as it came.</summary>
    public byte[] Open(Callback callback) => secrets.Decrypt(callback.Body, ContextOf(callback.Id));

    private async Task<bool> InsertAsync(NpgsqlConnection connection, Arrival arrival, Guid id, string name, string kind, CancellationToken cancel)
    {
        await using var insert = new NpgsqlCommand(
            "insert into gateways.callbacks (id, gateway, event, kind, body, headers, attempt, refund, reference, received_at, outcome, processed_at) "
                + "values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11, $12) on conflict (gateway, event) do nothing",
            connection
        );
        var now = clock.GetUtcNow().UtcDateTime;
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = arrival.Gateway });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = secrets.Encrypt(arrival.Body, ContextOf(id)) });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = JsonSerializer.Serialize(arrival.Headers, Wire.Json) });
        insert.Parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = arrival.Attempt });
        insert.Parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = arrival.Refund });
        insert.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = arrival.Reference is { } r && IsPlain(r) ? r : null });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = arrival.Ignored ? CallbackOutcomes.Ignored : CallbackOutcomes.Received });
        insert.Parameters.Add(new NpgsqlParameter<DateTime?> { TypedValue = arrival.Ignored ? now : null });
        return await insert.ExecuteNonQueryAsync(cancel) == 1;
    }

    private Task TellDisputeAsync(NpgsqlConnection connection, Arrival arrival, Guid id, string kind, CancellationToken cancel)
    {
        var facts = new
        {
            callback = Ids.Show(Callback.Prefix, id),
            gateway = arrival.Gateway,
            kind,
            reference = arrival.Reference,
        };
        return connection.InsertAsync(
            cancel,
            Outbox.Row(new OutboxEvent("gateways.disputed", id, JsonSerializer.Serialize(facts, Wire.Json), [])),
            ActivityLog.Row(activity.Entry("gateways.disputed", null, facts))
        );
    }

    /// <summary>For <c>./florin rotate-keys</c>.</summary>
    public static SealedColumn Sealed => new("gateways.callbacks", "body", ["id"], static row => ContextOf(Guid.Parse(row[0])));

    private static string ContextOf(Guid id) => $"gateways.callbacks/{id:N}";

    private static string DigestOf(Arrival arrival)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{arrival.Kind}\n{arrival.Attempt:N}\n"));
        hash.AppendData(arrival.Body);
        return "sha256:" + Base64Url.EncodeToString(hash.GetHashAndReset());
    }

    private static bool IsPlain(string text) => text.Length is > 0 and <= LongestName && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    [LoggerMessage(LogLevel.Warning, "a payer disputes a charge: {Gateway}, callback {Callback}")]
    private partial void LogDispute(string gateway, string callback);

    [LoggerMessage(LogLevel.Warning, "a callback that claims to be from {Gateway} is not authentic; nothing of it was kept")]
    private partial void LogNotAuthentic(string gateway);
}
