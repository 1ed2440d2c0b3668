namespace Florin.Identity;

/// <summary>x</summary>
public sealed class Pins
{
    /// <summary>x</summary>
    public Task VerifyAsync(Guid person, string? pin, CancellationToken cancel) => throw new NotSupportedException();
}

/// <summary>x</summary>
public sealed record PersonCard(string FullName);

/// <summary>x</summary>
public sealed class People
{
    /// <summary>x</summary>
    public Task<PersonCard?> FindAsync(Guid person, CancellationToken cancel) => throw new NotSupportedException();
}
