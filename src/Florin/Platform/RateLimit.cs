using System.Globalization;

namespace Florin.Platform;

/// <summary>How often a kind of route may be called, over all servers.</summary>
/// <param name="Name">The kind; its counts are kept under this name.</param>
/// <param name="Permits">Calls per window and caller (the signed-in person, else the network address).</param>
/// <param name="Window">The window's length.</param>
/// <param name="Exact">Counted in the database at every call (few and sensitive calls); otherwise counted here and summed over servers each second.</param>
public sealed record RateLimit(string Name, int Permits, TimeSpan Window, bool Exact = false)
{
    /// <summary>Routes that are not counted: probes and scrapes.</summary>
    public static readonly RateLimit None = new("none", 0, TimeSpan.FromSeconds(1));

    /// <summary>Routes without another limit.</summary>
    public static readonly RateLimit Default = new("default", 1200, TimeSpan.FromMinutes(1));

    /// <summary>Routes that move money.</summary>
    public static readonly RateLimit Money = new("money", 600, TimeSpan.FromMinutes(1));

    /// <summary>Sign-in, codes, resets: guessing.</summary>
    public static readonly RateLimit Guessing = new("guessing", 30, TimeSpan.FromMinutes(1), Exact: true);

    /// <summary>Routes that count over many rows, or draw pictures for anybody.</summary>
    public static readonly RateLimit Costly = new("costly", 120, TimeSpan.FromMinutes(1));

    /// <summary>The limit as the <c>RateLimit-Policy</c> header says it (draft-ietf-httpapi-ratelimit-headers-10).</summary>
    internal string Policy { get; } = string.Create(CultureInfo.InvariantCulture, $"\"{Name}\";q={Permits};w={(long)Window.TotalSeconds}");
}

/// <summary>Puts a limit on a route or group.</summary>
public static class RateLimitRoutes
{
    /// <summary>Calls above the limit are refused with <c>rate_limited</c>.</summary>
    public static TBuilder LimitRate<TBuilder>(this TBuilder routes, RateLimit limit)
        where TBuilder : IEndpointConventionBuilder => routes.WithMetadata(limit);
}
