namespace Florin.Platform;

/// <summary>
/// A stretch of time that figures are asked for, in whole hours of UTC, and the one that it is compared with: as long, and as far into its own period, so
/// that a day that has just begun is not compared with a whole one.
/// </summary>
/// <param name="Period"><c>24h</c>, <c>7d</c>, <c>30d</c>, <c>all</c> or <c>custom</c>.</param>
/// <param name="From">The beginning of its first hour.</param>
/// <param name="To">The end of its last hour, which may be the current one.</param>
/// <param name="Back">How much earlier the one before began.</param>
public sealed record Stretch(string Period, DateTimeOffset From, DateTimeOffset To, TimeSpan Back)
{
    /// <summary>The longest that can be asked for.</summary>
    public const int MostDays = 400;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset Beginning = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero); // earlier than anything that is kept

    /// <summary>What it is compared with.</summary>
    public Stretch Before => this with { From = From - Back, To = To - Back };

    /// <summary>Whether charts tell hours apart, and not days.</summary>
    public bool ByHour => To - From <= 2 * Day;

    /// <summary>Reads <c>?period=</c> or <c>?from=&amp;to=</c>: days, both included, or moments, from the hour of the first to that of the second.</summary>
    /// <param name="period"><c>24h</c>: the current hour and the 23 before it. <c>7d</c>, <c>30d</c>: today and the days before it. <c>all</c>: everything, compared with nothing.</param>
    /// <param name="from">The first day or moment; 30 days before the end where not given.</param>
    /// <param name="to">The last day, or the moment after the last; now where not given.</param>
    /// <param name="now">Now.</param>
    /// <param name="usual">The period where nothing is asked for.</param>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static Stretch Read(string? period, string? from, string? to, DateTimeOffset now, string usual = "7d")
    {
        var end = Ceiling(now.AddTicks(1), Hour);
        if (from is null && to is null)
        {
            return (period ?? usual) switch
            {
                "24h" => new Stretch("24h", end - Day, end, Day),
                "7d" => new Stretch("7d", Floor(now, Day) - 6 * Day, end, 7 * Day),
                "30d" => new Stretch("30d", Floor(now, Day) - 29 * Day, end, 30 * Day),
                "all" => new Stretch("all", Beginning, end, end - Beginning),
                _ => throw PlatformRefusals.InvalidRequest.Field("period", "must be 24h, 7d, 30d or all, or custom with from and to"),
            };
        }

        if (period is not (null or "custom"))
        {
            throw PlatformRefusals.InvalidRequest.Field("period", "is not given with from and to");
        }

        var last = to is null ? end : Ceiling(Instants.ReadDayOrTime(to, "to", end: true), Hour);
        var first = from is null ? last - 30 * Day : Floor(Instants.ReadDayOrTime(from, "from", end: false), Hour);
        return first >= last ? throw PlatformRefusals.InvalidRequest.Field("from", "must be earlier than to")
            : last - first > MostDays * Day ? throw PlatformRefusals.InvalidRequest.Field("from", $"must be no more than {MostDays} days before to")
            : new Stretch("custom", first, last, last - first);
    }

    /// <summary>The whole days of UTC in it; from the end on where there is none.</summary>
    public (DateTimeOffset First, DateTimeOffset End) WholeDays
    {
        get
        {
            var (first, end) = (Ceiling(From, Day), Floor(To, Day));
            return first < end ? (first, end) : (To, To);
        }
    }

    private static DateTimeOffset Floor(DateTimeOffset at, TimeSpan unit) => new(at.UtcTicks - at.UtcTicks % unit.Ticks, TimeSpan.Zero);

    private static DateTimeOffset Ceiling(DateTimeOffset at, TimeSpan unit) => Floor(at + unit - TimeSpan.FromTicks(1), unit);
}
