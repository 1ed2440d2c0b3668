using Florin.Platform;

namespace Florin.Tests.Platform;

public sealed class RecentMemoryTests
{
    [Fact]
    public void The_newest_half_is_always_kept_and_never_more_than_the_limit()
    {
        var memory = new RecentMemory<int, string>(100);
        for (var i = 0; i < 10_000; i++)
        {
            memory.Keep(i, $"{i}");
            for (var back = 0; back < 50 && back <= i; back++)
            {
                Assert.True(memory.TryGet(i - back, out var fact), $"{i - back} is missing after {i}");
                Assert.Equal($"{i - back}", fact);
            }
        }

        Assert.InRange(Enumerable.Range(0, 10_000).Count(i => memory.TryGet(i, out _)), 50, 100);
    }

    [Fact]
    public void What_is_asked_for_again_and_again_stays()
    {
        var memory = new RecentMemory<int, string>(100);
        memory.Keep(-1, "the shop of every day");
        for (var i = 0; i < 1_000; i++)
        {
            memory.Keep(i, "");
            Assert.True(memory.TryGet(-1, out _));
        }
    }

    [Fact]
    public void A_fact_that_is_kept_does_not_change()
    {
        var memory = new RecentMemory<int, string>(10);
        memory.Keep(1, "first");
        memory.Keep(1, "second");
        Assert.True(memory.TryGet(1, out var fact));
        Assert.Equal("first", fact);
    }
}
