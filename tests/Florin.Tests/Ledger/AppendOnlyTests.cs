using Npgsql;

namespace Florin.Tests.Ledger;

public sealed class AppendOnlyTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private readonly Book book = new(app);

    [Theory]
    [InlineData("update ledger.entries set amount = amount + 1")]
    [InlineData("delete from ledger.entries")]
    [InlineData("truncate ledger.entries")]
    [InlineData("update ledger.postings set kind = 'other'")]
    [InlineData("delete from ledger.postings")]
    [InlineData("delete from ledger.accounts")]
    [InlineData("update ledger.accounts set balance = balance + 1")]
    [InlineData("update ledger.accounts set seq = seq + 1")]
    [InlineData("update ledger.accounts set held = balance + 1 where floor = 0")]
    [InlineData("insert into ledger.accounts (id, currency, kind, balance, opened_at) values (-1, 'USD', 'wallet', 5, now())")]
    [InlineData("insert into ledger.entries values (1, 999, gen_random_uuid(), 5, 5, now())")]
    public async Task Not_even_the_owner_of_the_tables_changes_what_stands_in_the_book(string sql)
    {
        await book.OpenAsync(1000);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(app.Database.OwnerConnection, sql));
        Assert.StartsWith("23", refused.SqlState, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("update ledger.entries set amount = amount + 1")]
    [InlineData("delete from ledger.entries")]
    [InlineData("truncate ledger.entries")]
    [InlineData("update ledger.accounts set floor = null")]
    [InlineData("update ledger.accounts set currency = 'KZT'")]
    [InlineData("alter table ledger.entries disable trigger all")]
    [InlineData("drop table ledger.entries")]
    [InlineData("create table ledger.mine (id int)")]
    [InlineData("create schema mine")]
    [InlineData("create function ledger.mine() returns int language sql as 'select 1'")]
    [InlineData("set session_replication_role = replica")]
    [InlineData("update platform.migrations set checksum = ''")]
    public async Task The_servers_role_has_no_right_to_it(string sql)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(app.Database.Connection, sql));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
