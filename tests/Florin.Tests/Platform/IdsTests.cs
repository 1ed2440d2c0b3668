using Florin.Platform;

namespace Florin.Tests.Platform;

public sealed class IdsTests
{
    [Fact]
    public void Ids_of_one_thread_rise_in_their_public_form_and_no_two_threads_get_the_same()
    {
        const int each = 20_000;
        var made = new Guid[4][];
        Parallel.For(0, made.Length, thread => made[thread] = [.. Enumerable.Range(0, each).Select(_ => Ids.New())]);
        foreach (var ids in made)
        {
            var shown = ids.Select(id => Ids.Show("x", id)).ToList();
            Assert.Equal(shown.Order(StringComparer.Ordinal), shown);
        }

        Assert.Equal(made.Length * each, made.SelectMany(ids => ids).Select(id => id.ToString("N")[..16]).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void An_id_has_one_spelling()
    {
        var id = new Guid("0192abcd-ef01-7000-8000-00000000000a");
        var shown = Ids.Show("pay", id);
        Assert.True(Ids.TryRead("pay", shown, out var read) && read == id);
        Assert.False(Ids.TryRead("pay", "pay_" + shown[4..].ToUpperInvariant(), out _));
        Assert.False(Ids.TryRead("pay", shown.Replace('a', 'A'), out _));
    }

    [Fact]
    public void An_id_is_a_UUID_of_version_7_with_the_time_in_milliseconds()
    {
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var id = Ids.New();
        var at = Convert.ToInt64(id.ToString("N")[..12], 16);
        Assert.Equal(7, id.Version);
        Assert.InRange(id.Variant, 8, 11);
        Assert.InRange(at, before, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 1000); // ahead where other tests made many at once
    }
}
