namespace Florin.Tests.Routes;

/// <summary>Numbers that look random and are the same for the same seed everywhere (SplitMix64).</summary>
internal sealed class Seeded(ulong seed)
{
    private ulong state = seed;

    /// <summary>A generator of its own for a name, so that a new route does not change what the others get.</summary>
    public static Seeded For(ulong seed, string name) => new(name.Aggregate(seed ^ 14695981039346656037, (hash, c) => (hash ^ c) * 1099511628211));

    /// <summary>From 0 to one less than <paramref name="below"/>.</summary>
    public int Below(int below) => (int)(Next() % (ulong)below);

    /// <summary>Once in so many times.</summary>
    public bool OnceIn(int times) => Below(times) == 0;

    /// <summary>One of them.</summary>
    public T Of<T>(IReadOnlyList<T> some) => some[Below(some.Count)];

    private ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
