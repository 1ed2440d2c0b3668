using Florin.Platform;
using Npgsql;

namespace Florin.Tests;

/// <summary>A private clone of a migrated database on a real PostgreSQL: <c>./test</c> provides the server in FLORIN_TEST_POSTGRES.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const string Owner = "florin_test_owner";
    internal const string Server = "florin_test_server";
    private static readonly string Superuser =
        Environment.GetEnvironmentVariable("FLORIN_TEST_POSTGRES") ?? throw new InvalidOperationException("FLORIN_TEST_POSTGRES is not set; run ./test");

    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);
    private static readonly Lazy<Task<string>> DemoTemplate = new(MakeDemoTemplateAsync);

    private TestDatabase(string name)
    {
        Name = name;
    }

    public string Name { get; }

    /// <summary>The server's role: no DDL, cannot change entries.</summary>
    public string Connection => As(Server, Name);

    /// <summary>The role that owns the tables.</summary>
    public string OwnerConnection => As(Owner, Name);

    /// <summary>The superuser, for ending backends and for looking where the server may not.</summary>
    public string SuperuserConnection => new NpgsqlConnectionStringBuilder(Superuser) { Database = Name, Pooling = false }.ConnectionString;

    public static async Task<TestDatabase> CreateAsync() => await CloneAsync(await Template.Value);

    /// <summary>A clone of a database in which a server has put the demo people.</summary>
    public static async Task<TestDatabase> CreateWithDemoAsync() => await CloneAsync(await DemoTemplate.Value);

    /// <summary>A database with no tables, for tests of the migrator.</summary>
    public static async Task<TestDatabase> CreateEmptyAsync()
    {
        _ = await Template.Value;
        var name = $"florin_{Guid.NewGuid():N}";
        await ExecuteAsync(Superuser, $"create database {name} owner {Owner}");
        return new TestDatabase(name);
    }

    public async Task<T?> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var connection = new NpgsqlConnection(SuperuserConnection);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    /// <summary>Waits until a condition in SQL holds.</summary>
    public async Task WaitAsync(string condition)
    {
        var began = System.Diagnostics.Stopwatch.StartNew();
        while (!await ScalarAsync<bool>(condition))
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(60), $"never came true: {condition}");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ExecuteAsync(Superuser, $"drop database if exists {Name} with (force)");
    }

    private static string As(string role, string database) =>
        new NpgsqlConnectionStringBuilder(Superuser)
        {
            Username = role,
            Password = role,
            Database = database,
        }.ConnectionString;

    private static async Task<TestDatabase> CloneAsync(string template)
    {
        var name = $"florin_{Guid.NewGuid():N}";
        await ExecuteAsync(Superuser, $"create database {name} template {template} owner {Owner} strategy file_copy"); // a fifth of what logging its blocks costs
        return new TestDatabase(name);
    }

    private static async Task<string> MakeDemoTemplateAsync()
    {
        var database = await CreateAsync();
        await using (var app = new FlorinApp(database) { Settings = { ["FLORIN_DEMO"] = "true" } })
        {
            await app.InitializeAsync();
        }

        // Nobody may be connected to what is cloned.
        await ExecuteAsync(Superuser, $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database.Name}'");
        return database.Name;
    }

    private static async Task<string> MakeTemplateAsync()
    {
        foreach (var role in new[] { Owner, Server })
        {
            await ExecuteAsync(
                Superuser,
                $"do $$ begin create role {role} login password '{role}'; exception when duplicate_object or unique_violation then null; end $$"
            );
        }

        var name = $"florin_template_{Guid.NewGuid():N}";
        await ExecuteAsync(Superuser, $"create database {name} owner {Owner}");
        await Migrator.ApplyAsync(As(Owner, name), Server, _ => { }, CancellationToken.None);
        return name;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
