using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Florin.Platform;

/// <summary>
/// A bounded memory of facts that never change, so that none can be stale. It holds two generations: when the young one is full it becomes the old
/// one, and the old one is forgotten except for what was asked for meanwhile. So the newest half is always there.
/// </summary>
/// <param name="limit">How many are kept at most, give or take what several threads add at once.</param>
/// <param name="comparer">Of the keys.</param>
/// <typeparam name="TKey">What facts are found by.</typeparam>
/// <typeparam name="TFact">What is kept.</typeparam>
public sealed class RecentMemory<TKey, TFact>(int limit, IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
    where TFact : class
{
    private Generations held = new(New(comparer), New(comparer));
    private int young;

    /// <summary>A fact, if it is kept.</summary>
    public bool TryGet(TKey key, [NotNullWhen(true)] out TFact? fact)
    {
        var now = Volatile.Read(ref held);
        if (now.Young.TryGetValue(key, out fact))
        {
            return true;
        }

        if (!now.Old.TryGetValue(key, out fact))
        {
            return false;
        }

        Keep(key, fact);
        return true;
    }

    /// <summary>Keeps a fact; one that is there already stays.</summary>
    public void Keep(TKey key, TFact fact)
    {
        var now = Volatile.Read(ref held);
        if (!now.Young.TryAdd(key, fact) || Interlocked.Increment(ref young) < limit / 2)
        {
            return;
        }

        if (ReferenceEquals(Interlocked.CompareExchange(ref held, new Generations(New(comparer), now.Young), now), now))
        {
            Volatile.Write(ref young, 0);
        }
    }

    /// <summary>Keeps a fact in place of what is there.</summary>
    public void Replace(TKey key, TFact fact)
    {
        var now = Volatile.Read(ref held);
        now.Young.TryRemove(key, out _);
        now.Old.TryRemove(key, out _);
        Keep(key, fact);
    }

    private static ConcurrentDictionary<TKey, TFact> New(IEqualityComparer<TKey>? comparer) => new(comparer ?? EqualityComparer<TKey>.Default);

    private sealed record Generations(ConcurrentDictionary<TKey, TFact> Young, ConcurrentDictionary<TKey, TFact> Old);
}
