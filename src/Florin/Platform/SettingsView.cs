namespace Florin.Platform;

/// <summary>A setting in force.</summary>
/// <param name="Name">As in the environment.</param>
/// <param name="Value">What holds; null for a secret, whose value nobody is shown.</param>
/// <param name="IsSet">Whether anything is set or given by default.</param>
/// <param name="Source"><c>default</c>, or where it was set: <c>environment</c>, <c>.env</c>, <c>command line</c> …; with the old name where an alias was used.</param>
public sealed record SettingView(string Name, string? Value, bool IsSet, string Source)
{
    // Whatever might let somebody in; a name too many does no harm.
    private static readonly string[] SecretWords = ["SECRET", "PASSWORD", "TOKEN", "KEY", "DATABASE", "USER"];

    /// <summary>Whether a setting's value is shown to nobody.</summary>
    public static bool IsSecret(string name) => SecretWords.Any(word => name.Contains(word, StringComparison.Ordinal));

    /// <summary>Every setting that the program has asked for.</summary>
    public static IReadOnlyList<SettingView> All(Settings settings, IConfiguration configuration) =>
        [.. settings.Defaults.Select(one => Of(one.Key, one.Value, configuration))];

    private static SettingView Of(string name, string fallback, IConfiguration configuration)
    {
        var alias = Settings.Aliases.FirstOrDefault(pair => string.Equals(pair.Value, name, StringComparison.Ordinal)).Key;
        var (value, source) =
            configuration[name] is { Length: > 0 } own ? (own, SourceOf(name, configuration))
            : alias is not null && configuration[alias] is { Length: > 0 } old ? (old, $"{SourceOf(alias, configuration)} as {alias}")
            : (fallback, "default");
        return new SettingView(name, IsSecret(name) ? null : WithoutUser(value), value.Length > 0, source);
    }

    // The provider that is asked last wins.
    private static string SourceOf(string name, IConfiguration configuration) =>
        (configuration as IConfigurationRoot)?.Providers.Reverse().FirstOrDefault(provider => provider.TryGet(name, out _)) switch
        {
            Microsoft.Extensions.Configuration.EnvironmentVariables.EnvironmentVariablesConfigurationProvider => "environment",
            Microsoft.Extensions.Configuration.CommandLine.CommandLineConfigurationProvider => "command line",
            Microsoft.Extensions.Configuration.Memory.MemoryConfigurationProvider => ".env",
            { } other => other.GetType().Name.Replace("ConfigurationProvider", "", StringComparison.Ordinal).ToLowerInvariant(),
            null => "host",
        };

    // An address may carry a password or a token.
    private static string WithoutUser(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var url) && (url.UserInfo.Length > 0 || url.Query.Length > 0)
            ? $"{url.Scheme}://{(url.UserInfo.Length > 0 ? "…@" : "")}{url.Authority[(url.Authority.IndexOf('@', StringComparison.Ordinal) + 1)..]}{url.AbsolutePath}{(url.Query.Length > 0 ? "?…" : "")}"
            : value;
}
