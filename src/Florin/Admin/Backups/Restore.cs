using System.Text;
using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Admin.Backups;

/// <summary>
/// <c>./florin restore</c>: checks an archive to its last byte, then brings its files and, in one transaction, its database back, verifies the book and compares
/// every table with what the manifest says.
/// </summary>
internal static class Restore
{
    // The server moves its places in the outbox to the ids of the cluster that it finds itself in, when it starts.
    private const string Begin = "set client_min_messages = warning;\nbegin;\n";
    private const string Commit = "\ncommit;\n";

    public static readonly Command Command = new("restore", "bring an archive of ./florin backup back", RunAsync)
    {
        Words = ["FILE"],
        Options =
        [
            new("--scratch", "only prove it: into a scratch database, which is dropped again"),
            new("--overwrite", "drop everything that is in the database first; without it a database that is not empty is refused"),
        ],
        More = "  Stop the servers first. Everything is checked before anything is changed; the database changes in one transaction.",
    };

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var path = Path.GetFullPath(call.Words[0]);
        var settings = call.Get<Settings>();
        if (!File.Exists(path))
        {
            throw new CommandFailure($"there is no {path}", Commands.Misused);
        }

        if (settings.DatabaseOwnerConnection.Length == 0)
        {
            throw new CommandFailure("set FLORIN_DATABASE_OWNER: the server's own role may not make tables", Commands.Misused);
        }

        call.Say("checking the archive …");
        var manifest = await Archive.CheckAsync(path, cancel);
        CheckFits(call, manifest);
        if (call.Has("--scratch"))
        {
            Scratch.Demand(settings);
            await Scratch.ProveAsync(call, path, manifest, cancel);
            call.Print($"{path} is good: {manifest.Tables.Count} tables, {manifest.Tables.Sum(table => table.Rows)} rows, as of {Csv.Time(manifest.MadeAt)}");
            return Commands.Done;
        }

        var schemas = await DemandRoomAsync(settings.DatabaseOwnerConnection, call.Has("--overwrite"), cancel);
        call.Say("bringing the stored files back …");
        var files = await BringFilesAsync(path, Path.Combine(settings.Data, "files"), cancel);
        call.Say("bringing the database back …");
        await LoadAsync(path, settings.DatabaseOwnerConnection, schemas, cancel);
        await CompareAsync(call, settings.DatabaseOwnerConnection, manifest, cancel);
        await TellSecretAsync(call, path, cancel);
        call.Print(
            $"restored: {manifest.Tables.Count} tables, {manifest.Tables.Sum(table => table.Rows)} rows, {files} files, as of {Csv.Time(manifest.MadeAt)}"
        );
        return Commands.Done;
    }

    /// <summary>Loads the dump of an archive, all of it or nothing.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="owner">The database, as its owner.</param>
    /// <param name="schemas">What is dropped first, in the same transaction.</param>
    /// <param name="cancel">Stops it; nothing is changed then.</param>
    public static async Task LoadAsync(string path, string owner, IReadOnlyList<string> schemas, CancellationToken cancel)
    {
        var drop = string.Concat(schemas.Select(schema => $"drop schema {TableFacts.Quote(schema)} cascade;\n"));
        await PgProgram.RunAsync(
            "psql",
            ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--output=/dev/null"],
            owner,
            async input =>
            {
                await input.WriteAsync(Encoding.UTF8.GetBytes(Begin + drop), cancel);
                await Archive.ReadAsync(
                    path,
                    (name, content) =>
                        string.Equals(name, Manifest.Dump, StringComparison.Ordinal)
                            ? PgProgram.RunAsync(
                                "pg_restore",
                                ["--no-owner", "--file=-"],
                                null,
                                to => content.CopyToAsync(to, cancel),
                                from => from.CopyToAsync(input, cancel),
                                cancel
                            )
                            : Task.CompletedTask,
                    cancel
                );
                // Only now: without it the end of the input takes everything back.
                await input.WriteAsync(Encoding.UTF8.GetBytes(Commit), cancel);
            },
            read: null,
            cancel
        );
    }

    /// <summary>Runs <c>verify</c> on a database, and compares its tables and balances with the manifest.</summary>
    /// <exception cref="CommandFailure">Something differs.</exception>
    public static async Task CompareAsync(CommandCall call, string owner, Manifest manifest, CancellationToken cancel)
    {
        await using var source = NpgsqlDataSource.Create(BackUp.Unpooled(owner));
        call.Say("verifying the book …");
        await foreach (var check in new LedgerVerification(new Database(source)).RunAsync(cancel))
        {
            if (check.FirstBroken is { } broken)
            {
                throw new CommandFailure($"in what was restored it does not hold that {check.Invariant}: {broken}");
            }
        }

        call.Say("comparing every table …");
        await using var connection = await source.OpenConnectionAsync(cancel);
        await TableFacts.ExecuteAsync(connection, "begin isolation level repeatable read read only", cancel);
        var differences = TableFacts.Differences(manifest.Tables, await TableFacts.ReadAsync(connection, manifest.LeftOut, cancel)).ToList();
        var balances = await BackUp.BalancesAsync(connection, cancel);
        differences.AddRange(
            manifest
                .Balances.Where(expected => balances.GetValueOrDefault(expected.Key) != expected.Value)
                .Select(expected => $"{expected.Key} is {balances.GetValueOrDefault(expected.Key)} instead of {expected.Value}")
        );
        await TableFacts.ExecuteAsync(connection, "rollback", cancel);
        if (differences.Count > 0)
        {
            throw new CommandFailure("what was restored differs: " + string.Join("; ", differences));
        }
    }

    /// <summary>Whether this program and this server can take the archive.</summary>
    private static void CheckFits(CommandCall call, Manifest manifest)
    {
        var unknown = manifest.Migrations.Except(Migrator.Names(), StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            throw new CommandFailure($"the archive is of a newer Florin: this one does not know {string.Join(", ", unknown)}");
        }

        var role = new NpgsqlConnectionStringBuilder(call.Get<Settings>().DatabaseConnection).Username;
        if (!string.Equals(role, manifest.ServerRole, StringComparison.Ordinal))
        {
            throw new CommandFailure(
                $"the archive grants rights to the role '{manifest.ServerRole}', and FLORIN_DATABASE signs in as '{role}': use that role",
                Commands.Misused
            );
        }

        if (!string.Equals(Manifest.CheckOf(call.Get<Secrets>()), manifest.KeyCheck, StringComparison.Ordinal))
        {
            call.Say("note: this database was sealed by another FLORIN_SECRET_KEY: set that one, or sealed columns cannot be read");
        }
    }

    private static async Task<IReadOnlyList<string>> DemandRoomAsync(string owner, bool overwrite, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(BackUp.Unpooled(owner));
        await connection.OpenAsync(cancel);
        await using var others = new NpgsqlCommand(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and usename is not null",
            connection
        );
        if (await others.ExecuteScalarAsync(cancel) is long and > 0 and var count)
        {
            throw new CommandFailure($"{count} connections use the database: stop the servers first");
        }

        var tables = await TableFacts.NamesAsync(connection, cancel);
        var schemas = tables.Select(table => table.Schema).Distinct(StringComparer.Ordinal).ToList();
        return schemas.Count == 0 ? []
            : !overwrite ? throw new CommandFailure($"the database is not empty ({tables.Count} tables): --overwrite drops everything in it")
            : schemas.Contains("public", StringComparer.Ordinal) ? throw new CommandFailure("there are tables in the schema public, which are none of Florin's")
            : schemas;
    }

    private static async Task<int> BringFilesAsync(string path, string root, CancellationToken cancel)
    {
        var count = 0;
        await Archive.ReadAsync(
            path,
            async (name, content) =>
            {
                if (!name.StartsWith(Manifest.Files, StringComparison.Ordinal))
                {
                    return;
                }

                var to = Path.GetFullPath(Path.Combine(root, name[Manifest.Files.Length..]));
                if (!to.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                {
                    throw new CommandFailure($"the archive wants to write outside the folder of files: {name}");
                }

                count++;
                if (!File.Exists(to))
                {
                    await WriteAsync(to, content, cancel);
                }
            },
            cancel
        );
        return count;
    }

    private static async Task WriteAsync(string to, Stream content, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        var passing = to + ".new";
        try
        {
            await using (var file = BackUp.MakePrivate(passing))
            {
                await content.CopyToAsync(file, cancel);
                file.Flush(flushToDisk: true);
            }

            File.Move(passing, to, overwrite: false);
        }
        finally
        {
            File.Delete(passing); // there is none after the move
        }
    }

    // It is for whoever runs the server to set: one that is configured, or was made here, is never replaced.
    private static Task TellSecretAsync(CommandCall call, string path, CancellationToken cancel) =>
        Archive.ReadAsync(
            path,
            async (name, content) =>
            {
                if (string.Equals(name, Manifest.SecretKey, StringComparison.Ordinal))
                {
                    using var reader = new StreamReader(content, Encoding.UTF8, leaveOpen: true);
                    var same = string.Equals(await reader.ReadToEndAsync(cancel), call.Get<Settings>().ResolveSecretKey(), StringComparison.Ordinal);
                    call.Say(
                        same
                            ? "the archive's secret is the one in use"
                            : $"the archive holds its secret: tar -xOf {path} {Manifest.SecretKey} shows it, for FLORIN_SECRET_KEY"
                    );
                }
            },
            cancel
        );
}
