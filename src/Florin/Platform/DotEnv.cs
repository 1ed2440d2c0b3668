namespace Florin.Platform;

/// <summary>Reads <c>.env</c> in the working folder: lines of NAME=value, <c>#</c> comments, optional quotes. The environment wins.</summary>
internal static class DotEnv
{
    internal static void Load(ConfigurationManager configuration)
    {
        const string path = ".env";
        if (!File.Exists(path))
        {
            return;
        }

        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(path))
        {
            var text = line.Trim();
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || text[0] == '#')
            {
                continue;
            }

            var name = text[..equals].Replace("export ", "", StringComparison.Ordinal).Trim();
            var value = text[(equals + 1)..].Trim();
            var quoted = value.Length > 1 && (value[0] is '"' or '\'') && value[^1] == value[0];
            values[name] = quoted ? value[1..^1] : value;
        }

        configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = values });
    }
}
