using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Florin.Identity;

/// <summary>Remembers values by text, at most twice <paramref name="size"/>: when the young half is full it becomes the old half, which is forgotten.</summary>
/// <param name="size">Entries in each half.</param>
internal sealed class RecentlyUsed<TValue>(int size)
    where TValue : class
{
    private ConcurrentDictionary<string, TValue> young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, TValue> old = new(StringComparer.Ordinal);
    private int count;

    public bool TryGet(string key, [NotNullWhen(true)] out TValue? value)
    {
        if (young.TryGetValue(key, out value))
        {
            return true;
        }

        if (!old.TryGetValue(key, out value))
        {
            return false;
        }

        Remember(key, value);
        return true;
    }

    public void Remember(string key, TValue value)
    {
        // The count is kept apart: a concurrent dictionary takes all its locks to count itself.
        if (young.TryAdd(key, value) && Interlocked.Increment(ref count) >= size)
        {
            Interlocked.Exchange(ref count, 0);
            old = Interlocked.Exchange(ref young, new ConcurrentDictionary<string, TValue>(StringComparer.Ordinal));
        }
    }
}
