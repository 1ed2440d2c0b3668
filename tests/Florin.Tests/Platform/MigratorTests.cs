using Florin.Platform;

namespace Florin.Tests.Platform;

public sealed class MigratorTests
{
    [Fact]
    public async Task Of_several_programs_that_start_at_once_each_ends_and_every_file_is_applied_once()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        // Programs of their own have pools of their own: here by their names.
        var counts = await Task.WhenAll(Enumerable.Range(0, 3).Select(program => ApplyAsync(database, $";Application Name=program {program}")))
            .WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        Assert.Equal(counts.Max(), counts.Sum());
        Assert.Equal(counts.Max(), await database.ScalarAsync<long>("select count(*) from platform.migrations"));
    }

    [Fact]
    public async Task A_file_that_was_changed_after_it_landed_is_refused()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        await ApplyAsync(database);
        await database.ScalarAsync<int>("update platform.migrations set checksum = 'other' where name = (select min(name) from platform.migrations)");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync(database));
        Assert.Contains("0001_platform.sql was changed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        await ApplyAsync(database);
        await database.ScalarAsync<int>("insert into platform.migrations (name, checksum) values ('9999_later.sql', 'x')");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync(database));
        Assert.Contains("9999_later.sql", refused.Message, StringComparison.Ordinal);
    }

    private static Task<int> ApplyAsync(TestDatabase database, string more = "") =>
        Migrator.ApplyAsync(database.OwnerConnection + more, TestDatabase.Server, _ => { }, TestContext.Current.CancellationToken);
}
