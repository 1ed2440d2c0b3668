namespace Florin.Identity;

/// <summary>STUB</summary>
public enum TotpMatch
{
    /// <summary>STUB</summary>
    Wrong,

    /// <summary>STUB</summary>
    Code,

    /// <summary>STUB</summary>
    RecoveryCode,
}

/// <summary>STUB: the credentials helper's stands in its place after the merge.</summary>
public sealed class TotpCheck
{
    /// <summary>STUB</summary>
    public Task<TotpMatch> TakeAsync(Guid person, string code, CancellationToken cancel) => Task.FromResult(TotpMatch.Wrong);
}
