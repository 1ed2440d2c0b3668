using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Platform;

/// <summary>Whose calls are counted: a person, or a network address (of IPv6 the /64, which one subscriber has).</summary>
internal readonly record struct RateKey(string Limit, char Kind, UInt128 Who)
{
    internal static RateKey Of(string limit, HttpContext http)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (Guid.TryParseExact(http.User.FindFirst(Caller.PersonClaim)?.Value, "N", out var person) && person.TryWriteBytes(bytes))
        {
            return new RateKey(limit, 'p', MemoryMarshal.Read<UInt128>(bytes));
        }

        bytes.Clear();
        if (http.Connection.RemoteIpAddress is { } address)
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            address.TryWriteBytes(bytes, out var written);
            bytes[Math.Min(written, 8)..].Clear();
        }

        return new RateKey(limit, 'a', MemoryMarshal.Read<UInt128>(bytes));
    }

    /// <summary>The row that counts it. The window's length stands in it, so that old rows can be told.</summary>
    internal string Bucket(TimeSpan window) => string.Create(CultureInfo.InvariantCulture, $"{Limit}/{(long)window.TotalSeconds}/{Kind}{Who:x32}");
}

/// <summary>How a caller stands under a limit after this call.</summary>
internal sealed record RateStanding(RateLimit Limit, bool Allowed, long Remaining, int SecondsLeft);

/// <summary>
/// Counts calls in windows that start at the same moments on every server. Ordinary limits are counted here and summed over servers each
/// second, so that a request costs no round trip and a limit can be overshot by what arrives at other servers within that second.
/// Exact limits are counted in the database at every call.
/// </summary>
internal sealed partial class RateCounts(Database database, TimeProvider clock, ILogger<RateCounts> log) : BackgroundService
{
    private const int MostCallers = 200_000;
    private const int MostRows = 5_000;
    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<RateKey, Counter> counters = new();
    private readonly SemaphoreSlim exchange = new(1);

    /// <summary>Counts a call.</summary>
    internal ValueTask<RateStanding> TakeAsync(RateLimit limit, RateKey key, CancellationToken cancel)
    {
        var now = clock.GetUtcNow().UtcTicks;
        var window = now - (now % limit.Window.Ticks);
        var secondsLeft = (int)((window + limit.Window.Ticks - now + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
        while (true)
        {
            if (!counters.TryGetValue(key, out var counter))
            {
                if (counters.Count >= MostCallers)
                {
                    return new(new RateStanding(limit, true, limit.Permits, secondsLeft)); // memory is bounded; better uncounted than refused
                }

                counter = counters.GetOrAdd(key, static (_, length) => new Counter(length), limit.Window.Ticks);
            }

            if (counter.Take(window, limit) is not { } used)
            {
                continue; // it was just thrown away
            }

            return limit.Exact && used <= limit.Permits
                ? TakeExactAsync(limit, key, counter, window, secondsLeft, cancel)
                : new(new RateStanding(limit, used <= limit.Permits, limit.Permits - used, secondsLeft));
        }
    }

    /// <summary>Adds what was counted here to the database and learns what the others counted.</summary>
    internal async Task FlushAsync(CancellationToken cancel)
    {
        await exchange.WaitAsync(cancel);
        try
        {
            await ExchangeAsync(cancel);
        }
        finally
        {
            exchange.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        exchange.Dispose();
        base.Dispose();
    }

    private async Task ExchangeAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow().UtcTicks;
        var changed = new List<(string Bucket, Counter Counter, long Window, long Delta)>();
        foreach (var (key, counter) in counters)
        {
            if (counter.ThrowAwayIfOver(now))
            {
                counters.TryRemove(new KeyValuePair<RateKey, Counter>(key, counter));
            }
            else if (counter.Lift(out var window, out var delta))
            {
                changed.Add((key.Bucket(TimeSpan.FromTicks(counter.Length)), counter, window, delta));
            }
        }

        // The same order on every server: no two wait for each other.
        changed.Sort((left, right) => string.CompareOrdinal(left.Bucket, right.Bucket));
        for (var from = 0; from < changed.Count; from += MostRows)
        {
            await AddAsync(changed[from..Math.Min(changed.Count, from + MostRows)], cancel);
        }
    }

    /// <summary>Deletes the counts of windows that are over.</summary>
    internal async Task ForgetAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "delete from platform.rate_counts where window_start < $1 - split_part(bucket, '/', 2)::integer * interval '1 second'"
        );
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        await command.ExecuteNonQueryAsync(cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(FlushEvery);
        for (var round = 0; await timer.WaitForNextTickAsync(stoppingToken); round++)
        {
            try
            {
                await FlushAsync(stoppingToken);
                if (round % 60 == 59)
                {
                    await ForgetAsync(stoppingToken);
                }
            }
            catch (NpgsqlException e)
            {
                LogFailed(e); // what was lifted was put back; the next round tries again
            }
        }
    }

    private async Task AddAsync(List<(string Bucket, Counter Counter, long Window, long Delta)> rows, CancellationToken cancel)
    {
        try
        {
            await using var command = database.Source.CreateCommand(
                """
                insert into platform.rate_counts as kept (bucket, window_start, count) select * from unnest($1, $2, $3)
                on conflict (bucket, window_start) do update set count = kept.count + excluded.count returning bucket, count
                """
            );
            command.Parameters.Add(Array(NpgsqlDbType.Text, rows.ConvertAll(row => row.Bucket).ToArray()));
            command.Parameters.Add(Array(NpgsqlDbType.TimestampTz, rows.ConvertAll(row => new DateTime(row.Window, DateTimeKind.Utc)).ToArray()));
            command.Parameters.Add(Array(NpgsqlDbType.Bigint, rows.ConvertAll(row => row.Delta).ToArray()));
            var totals = new Dictionary<string, long>(rows.Count, StringComparer.Ordinal);
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                totals[reader.GetString(0)] = reader.GetInt64(1);
            }

            rows.ForEach(row => row.Counter.Landed(row.Window, totals[row.Bucket]));
        }
        finally
        {
            rows.ForEach(row => row.Counter.PutBack());
        }
    }

    private async ValueTask<RateStanding> TakeExactAsync(RateLimit limit, RateKey key, Counter counter, long window, int secondsLeft, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            insert into platform.rate_counts as kept (bucket, window_start, count) values ($1, $2, 1)
            on conflict (bucket, window_start) do update set count = kept.count + 1 returning count
            """
        );
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Bucket(limit.Window) });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = new DateTime(window, DateTimeKind.Utc) });
        var total = (long)(await command.ExecuteScalarAsync(cancel))!;
        counter.Landed(window, total);
        return new RateStanding(limit, total <= limit.Permits, limit.Permits - total, secondsLeft);
    }

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType type, T[] values) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };

    [LoggerMessage(LogLevel.Warning, "rate counts were not exchanged with the database")]
    private partial void LogFailed(Exception exception);

    /// <summary>One caller's calls under one limit in the present window.</summary>
    private sealed class Counter(long length)
    {
        private readonly Lock gate = new();
        private long current;
        private long known; // over all servers, as far as the database has said
        private long pending; // counted here and not yet sent
        private long lifted; // on its way
        private bool thrownAway;

        internal long Length => length;

        /// <summary>Counts a call unless the limit is used up.</summary>
        /// <returns>The calls in this window with this one, or null where this counter is no longer in use.</returns>
        internal long? Take(long window, RateLimit limit)
        {
            lock (gate)
            {
                if (thrownAway)
                {
                    return null;
                }

                if (window > current)
                {
                    (current, known, pending, lifted) = (window, 0, 0, 0);
                }

                var used = known + lifted + pending + 1;
                if (used <= limit.Permits && !limit.Exact)
                {
                    pending++;
                }

                return used;
            }
        }

        internal bool Lift(out long window, out long delta)
        {
            lock (gate)
            {
                (window, delta) = (current, pending);
                (lifted, pending) = (lifted + pending, 0);
                return delta > 0;
            }
        }

        internal void Landed(long window, long total)
        {
            lock (gate)
            {
                if (window == current)
                {
                    (known, lifted) = (Math.Max(known, total), 0);
                }
            }
        }

        internal void PutBack()
        {
            lock (gate)
            {
                (pending, lifted) = (pending + lifted, 0);
            }
        }

        internal bool ThrowAwayIfOver(long now)
        {
            lock (gate)
            {
                thrownAway |= current + length < now;
                return thrownAway;
            }
        }
    }
}

/// <summary>Refuses calls above their route's limit. Stands after sign-in, so that a person is counted as one wherever they call from.</summary>
internal sealed class RateLimiting(RequestDelegate next, RateCounts counts)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var limit = http.GetEndpoint()?.Metadata.GetMetadata<RateLimit>() ?? RateLimit.Default;
        if (limit.Permits == 0)
        {
            await next(http);
            return;
        }

        var standing = await counts.TakeAsync(limit, RateKey.Of(limit.Name, http), http.RequestAborted);
        http.Features.Get<RequestState>()!.Standing = standing;
        if (standing.Allowed)
        {
            await next(http);
            return;
        }

        var refusal = new Refusal(PlatformRefusals.RateLimited) { RetryAfterSeconds = standing.SecondsLeft };
        await RefusalResponses.WriteAsync(http, refusal);
    }
}
