namespace Florin.Identity;

/// <summary>STUB: the credentials helper's stands in its place after the merge.</summary>
public sealed record ApiKeyHolder(Guid Id, Guid Person, IReadOnlyList<string> Scopes);

/// <summary>STUB: the credentials helper's stands in its place after the merge.</summary>
public sealed class ApiKeys
{
    /// <summary>How every key begins.</summary>
    public const string Start = "flk_";

    /// <summary>Who holds this key.</summary>
    public ValueTask<ApiKeyHolder?> FindAsync(string key, CancellationToken cancel) => ValueTask.FromResult<ApiKeyHolder?>(null);
}
