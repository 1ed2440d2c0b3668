namespace Florin.Platform;

/// <summary>A table whose rows a backup holds only where it is asked for secrets. A module registers its own.</summary>
/// <param name="Table">With its schema.</param>
public sealed record LeftOutOfBackups(string Table);

/// <summary>A table that says nothing of the business, and so is in no export. A module registers its own.</summary>
/// <param name="Table">With its schema.</param>
public sealed record LeftOutOfExports(string Table);
