using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Florin.Platform;

/// <summary>A migration that a database has.</summary>
/// <param name="Name">The file's.</param>
/// <param name="AppliedAt">When it was applied.</param>
public sealed record AppliedMigration(string Name, DateTimeOffset AppliedAt);

/// <summary>Brings the database to this version: the numbered files of <c>Migrations/</c>, in order, once each, under a lock.</summary>
/// <remarks>A file is never edited once landed: its checksum is kept and compared at every start.</remarks>
public static class Migrator
{
    private const long Lock = 0x464C4F52494E; // "FLORIN"

    /// <summary>Applies what is missing, as the role that owns the database.</summary>
    /// <param name="ownerConnection">Connection string of the owner.</param>
    /// <param name="serverRole">The role that the server signs in as; it is granted what it needs and no more.</param>
    /// <param name="report">Told of each file applied.</param>
    /// <param name="cancel">Stops between two files.</param>
    /// <returns>How many files were applied.</returns>
    /// <exception cref="InvalidOperationException">A landed file was changed, or the database is newer than this program.</exception>
    public static async Task<int> ApplyAsync(string ownerConnection, string serverRole, Action<string> report, CancellationToken cancel)
    {
        // Outside any pool: a pooled connection would keep the lock while it is idle, and the next server would wait for it.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ownerConnection) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancel);
        await ExecuteAsync(connection, $"select pg_advisory_lock({Lock})", cancel);
        await ExecuteAsync(
            connection,
            """
            create schema if not exists platform;
            create table if not exists platform.migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now());
            """,
            cancel
        );
        var landed = await LandedAsync(connection, cancel);
        var count = 0;
        foreach (var (name, sql) in Files())
        {
            var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql.ReplaceLineEndings("\n"))));
            if (landed.Remove(name, out var kept))
            {
                if (!string.Equals(kept, checksum, StringComparison.Ordinal))
                {
                    throw new InvalidOperationException($"migration {name} was changed after it was applied; add a new file instead");
                }

                continue;
            }

            cancel.ThrowIfCancellationRequested();
#pragma warning disable RS0030 // migrations run outside the server's pool
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
#pragma warning restore RS0030
            await ExecuteAsync(connection, sql.Replace("{{server}}", Quote(serverRole), StringComparison.Ordinal), CancellationToken.None);
            await using (var record = new NpgsqlCommand("insert into platform.migrations (name, checksum) values ($1, $2)", connection))
            {
                record.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
                record.Parameters.Add(new NpgsqlParameter<string> { TypedValue = checksum });
                await record.ExecuteNonQueryAsync(CancellationToken.None);
            }

            await transaction.CommitAsync(CancellationToken.None);
            report(name);
            count++;
        }

        return landed.Count == 0
            ? count
            : throw new InvalidOperationException($"the database is newer than this program: it has {string.Join(", ", landed.Keys)}");
    }

    /// <summary>Names of files that the database lacks; the server refuses to start while there are any.</summary>
    public static async Task<IReadOnlyList<string>> MissingAsync(Database database, CancellationToken cancel)
    {
        try
        {
            await using var connection = await database.Source.OpenConnectionAsync(cancel);
            var landed = await LandedAsync(connection, cancel);
            return [.. Files().Select(file => file.Name).Where(name => !landed.ContainsKey(name))];
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.InsufficientPrivilege)
        {
            return [.. Files().Select(file => file.Name)];
        }
    }

    /// <summary>Names of all files that this program knows.</summary>
    public static IReadOnlyList<string> Names() => [.. Files().Select(file => file.Name)];

    /// <summary>Names of the files that a database has, in their order.</summary>
    public static async Task<IReadOnlyList<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        [.. (await LandedAsync(connection, cancel)).Keys.Order(StringComparer.Ordinal)];

    /// <summary>The migrations that the database has, newest first.</summary>
    public static async Task<IReadOnlyList<AppliedMigration>> AppliedAsync(Database database, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select name, applied_at from platform.migrations order by name desc");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var applied = new List<AppliedMigration>();
        while (await reader.ReadAsync(cancel))
        {
            applied.Add(new AppliedMigration(reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1)));
        }

        return applied;
    }

    private static IEnumerable<(string Name, string Sql)> Files()
    {
        var assembly = typeof(Migrator).Assembly;
        foreach (
            var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith("Migrations/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        )
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return (resource["Migrations/".Length..], reader.ReadToEnd());
        }
    }

    private static async Task<Dictionary<string, string>> LandedAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var landed = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand("select name, checksum from platform.migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            landed.Add(reader.GetString(0), reader.GetString(1));
        }

        return landed;
    }

    private static string Quote(string identifier) => "\"" + identifier.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }
}
