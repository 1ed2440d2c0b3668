namespace Florin.Platform;

/// <summary>A table whose rows a backup holds only where it is asked for secrets. A module registers its own.</summary>
/// <param name="Table">With its schema.</param>
public sealed record LeftOutOfBackups(string Table);
