using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Florin.Tests.Architecture;

/// <summary>EF's model says of the tables what the migrations made.</summary>
public sealed class ModelTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private sealed record TableColumn(string Type, bool Nullable, bool Defaulted);

    [Fact]
    public async Task Every_mapped_column_is_what_the_database_has()
    {
        using var scope = app.Services.CreateScope();
        var model = scope.ServiceProvider.GetRequiredService<FlorinDb>().Model;
        Assert.NotEmpty(model.GetEntityTypes());
        KnownOffenders.None(await DifferencesAsync(model, app.Database.SuperuserConnection, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_model_that_says_otherwise_is_caught()
    {
        var options = new DbContextOptionsBuilder<WrongDb>().UseNpgsql(app.Database.SuperuserConnection).Options;
        await using var wrong = new WrongDb(options);
        var found = await DifferencesAsync(wrong.Model, app.Database.SuperuserConnection, TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "activity.entries.action is nullable in the model and not in the database",
                "activity.entries.actor is text in the model and uuid in the database",
                "activity.entries.at is demanded by the database and not mapped",
                "activity.entries.details is demanded by the database and not mapped",
                "activity.entries.nowhere is not in the database",
                "activity.nothing is not in the database",
            ],
            found
        );
    }

    private static async Task<List<string>> DifferencesAsync(IModel model, string connectionString, CancellationToken cancel)
    {
        var tables = await TablesAsync(connectionString, cancel);
        var found = new List<string>();
        foreach (
            var group in model
                .GetEntityTypes()
                .Where(entity => entity.GetTableName() is not null)
                .GroupBy(e => $"{e.GetSchema()}.{e.GetTableName()}", StringComparer.Ordinal)
        )
        {
            if (!tables.TryGetValue(group.Key, out var columns))
            {
                found.Add($"{group.Key} is not in the database");
                continue;
            }

            var mapped = group.SelectMany(entity => entity.GetProperties()).GroupBy(property => property.GetColumnName(), StringComparer.Ordinal).ToList();
            found.AddRange(
                mapped.SelectMany(property => Differences($"{group.Key}.{property.Key}", property.First(), columns.GetValueOrDefault(property.Key)))
            );
            var missing = columns
                .Where(column => column.Value is { Nullable: false, Defaulted: false })
                .Select(column => column.Key)
                .Except(mapped.Select(p => p.Key), StringComparer.Ordinal);
            found.AddRange(missing.Select(column => $"{group.Key}.{column} is demanded by the database and not mapped"));
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Differences(string name, IProperty property, TableColumn? column)
    {
        if (column is null)
        {
            yield return $"{name} is not in the database";
            yield break;
        }

        var type = property.GetRelationalTypeMapping().StoreType;
        if (!string.Equals(type, column.Type, StringComparison.Ordinal))
        {
            yield return $"{name} is {type} in the model and {column.Type} in the database";
        }

        if (property.IsNullable != column.Nullable)
        {
            yield return property.IsNullable
                ? $"{name} is nullable in the model and not in the database"
                : $"{name} is nullable in the database and not in the model";
        }
    }

    private static async Task<Dictionary<string, Dictionary<string, TableColumn>>> TablesAsync(string connectionString, CancellationToken cancel)
    {
        const string sql = """
            select n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull,
                a.atthasdef or a.attidentity <> '' or a.attgenerated <> ''
            from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped and n.nspname not in ('pg_catalog', 'information_schema')
            """;
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var tables = new Dictionary<string, Dictionary<string, TableColumn>>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancel))
        {
            var table = reader.GetString(0);
            tables.TryAdd(table, new Dictionary<string, TableColumn>(StringComparer.Ordinal));
            tables[table].Add(reader.GetString(1), new TableColumn(reader.GetString(2), reader.GetBoolean(3), reader.GetBoolean(4)));
        }

        return tables;
    }

    private sealed class WrongEntry
    {
        public Guid Id { get; set; }

        public string? Actor { get; set; }

        public string? Action { get; set; }

        public string? Nowhere { get; set; }
    }

    private sealed class Nothing
    {
        public Guid Id { get; set; }
    }

    private sealed class WrongDb(DbContextOptions<WrongDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Nothing>().ToTable("nothing", "activity");
            modelBuilder.Entity<WrongEntry>().ToTable("entries", "activity");
            foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            {
                property.SetColumnName(property.Name.ToLowerInvariant());
            }
        }
    }
}
