namespace Florin.Identity;

/// <summary>What a client calls itself (User-Agent), in words of ours: what it says may be anything, and goes into messages.</summary>
internal static class DeviceWords
{
    /// <summary>Where the browser is none that we know.</summary>
    public const string Unknown = "an app or unknown browser";

    // The first that is found counts: most browsers also call themselves by the names of others.
    private static readonly (string Mark, string Word)[] Browsers =
    [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("YaBrowser/", "Yandex Browser"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("FxiOS/", "Firefox"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];

    private static readonly (string Mark, string Word)[] Systems =
    [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Macintosh", "macOS"),
        ("Linux", "Linux"),
    ];

    /// <summary>Browser and system: <c>Firefox on Linux</c>.</summary>
    public static string Of(string userAgent)
    {
        var browser = Find(Browsers, userAgent) ?? Unknown;
        return Find(Systems, userAgent) is { } system ? $"{browser} on {system}" : browser;
    }

    /// <summary>Whether two of these are the same device as far as one can see: browsers change their version every month.</summary>
    public static bool Alike(string one, string other) =>
        string.Equals(one, other, StringComparison.Ordinal) || (Find(Browsers, one) is not null && string.Equals(Of(one), Of(other), StringComparison.Ordinal));

    private static string? Find((string Mark, string Word)[] known, string userAgent) =>
        Array.Find(known, one => userAgent.Contains(one.Mark, StringComparison.Ordinal)).Word;
}
