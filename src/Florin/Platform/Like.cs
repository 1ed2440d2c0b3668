namespace Florin.Platform;

/// <summary>Patterns of SQL's <c>like</c> from what somebody typed, in which nothing but the ends is a wildcard.</summary>
public static class Like
{
    /// <summary>The escape character of the patterns.</summary>
    public const string Escape = "\\";

    /// <summary>Whatever begins with the text.</summary>
    public static string Prefix(string text) => Quote(text) + "%";

    /// <summary>Whatever holds the text.</summary>
    public static string Part(string text) => "%" + Quote(text) + "%";

    /// <summary>The text itself.</summary>
    public static string Whole(string text) => Quote(text);

    private static string Quote(string text) =>
        text.Replace(Escape, Escape + Escape, StringComparison.Ordinal)
            .Replace("%", Escape + "%", StringComparison.Ordinal)
            .Replace("_", Escape + "_", StringComparison.Ordinal);
}
