using System.Formats.Tar;
using System.Text;
using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Admin.Backups;

/// <summary>
/// <c>./florin backup</c>: the database as of one moment and the stored files in one archive, while servers go on. With <c>--prove</c> it is restored into
/// a scratch database, verified and compared before it counts as made.
/// </summary>
internal static class BackUp
{
    public static readonly Command Command = new("backup", "write the database and the stored files into one archive", RunAsync)
    {
        Words = ["FILE"],
        Options =
        [
            new("--prove", "restore it into a scratch database, verify the book there, and compare every table"),
            new("--with-secrets", "put the installation's secret and the keys of faces in too: whoever has the file then has everything"),
        ],
        More =
            "  FILE must not be there; only you can read it. Stored files are those under FLORIN_DATA/files.\n  Files in a bucket (FLORIN_FILE_STORAGE=s3) are NOT in it: let the bucket keep versions, or copy it beside.",
    };

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var path = Path.GetFullPath(call.Words[0]);
        var settings = call.Get<Settings>();
        if (File.Exists(path) || Directory.Exists(path))
        {
            throw new CommandFailure($"{path} is there already", Commands.Misused);
        }

        if (settings.DatabaseOwnerConnection.Length == 0)
        {
            throw new CommandFailure("set FLORIN_DATABASE_OWNER: the server's own role may not read everything", Commands.Misused);
        }

        if (call.Has("--prove"))
        {
            Scratch.Demand(settings);
        }

        var (dump, passing) = (path + ".dump", path + ".new");
        try
        {
            var manifest = await WriteAsync(call, dump, passing, cancel);
            if (call.Has("--prove"))
            {
                await Scratch.ProveAsync(call, passing, manifest, cancel);
            }

            File.Move(passing, path, overwrite: false);
            var files = manifest.Parts.Count(part => part.Name.StartsWith(Manifest.Files, StringComparison.Ordinal));
            call.Print(
                $"{path}: {manifest.Tables.Count} tables, {manifest.Tables.Sum(table => table.Rows)} rows, {files} files, as of {Csv.Time(manifest.MadeAt)}"
            );
            return Commands.Done;
        }
        finally
        {
            File.Delete(dump);
            File.Delete(passing); // there is none after the move
        }
    }

    private static async Task<Manifest> WriteAsync(CommandCall call, string dump, string passing, CancellationToken cancel)
    {
        var settings = call.Get<Settings>();
        await MakePrivate(dump).DisposeAsync();
        await using var archive = MakePrivate(passing);
        await using var connection = new NpgsqlConnection(Unpooled(settings.DatabaseOwnerConnection));
        await connection.OpenAsync(cancel);
        await TableFacts.ExecuteAsync(connection, "begin isolation level repeatable read read only", cancel);
        string[] leftOut = call.Has("--with-secrets") ? [] : [.. call.Services.GetServices<LeftOutOfBackups>().Select(one => one.Table)];
        var manifest = new Manifest(
            Manifest.Current,
            call.Get<TimeProvider>().GetUtcNow(),
            new NpgsqlConnectionStringBuilder(settings.DatabaseConnection).Username!,
            connection.PostgreSqlVersion.ToString(),
            Manifest.CheckOf(call.Get<Secrets>()),
            await Migrator.AppliedAsync(connection, cancel),
            leftOut,
            [],
            new Dictionary<string, long>(StringComparer.Ordinal),
            []
        );
        call.Say("dumping the database …");
        await DumpAsync(connection, settings.DatabaseOwnerConnection, leftOut, dump, cancel);
        call.Say("counting what is in it …");
        manifest = manifest with { Tables = await TableFacts.ReadAsync(connection, leftOut, cancel), Balances = await BalancesAsync(connection, cancel) };
        await TableFacts.ExecuteAsync(connection, "rollback", cancel);

        var parts = new List<ArchivePart>();
        await using var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
        parts.Add(await Archive.AddAsync(tar, Manifest.Dump, File.OpenRead(dump), cancel));
        if (call.Has("--with-secrets"))
        {
            parts.Add(await Archive.AddAsync(tar, Manifest.SecretKey, new MemoryStream(Encoding.UTF8.GetBytes(settings.ResolveSecretKey())), cancel));
        }

        call.Say("adding the stored files …");
        await AddFilesAsync(tar, parts, Path.Combine(settings.Data, "files"), cancel);
        manifest = manifest with { Parts = parts };
        await Archive.EndAsync(tar, manifest, cancel);
        await tar.DisposeAsync();
        await archive.FlushAsync(cancel);
        archive.Flush(flushToDisk: true);
        return manifest;
    }

    /// <summary>The trial balance of the transaction that the connection is in.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> BalancesAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        (await LedgerReads.TrialBalanceAsync(connection, cancel)).ToDictionary(
            row => $"{row.Name} {row.Balance.Currency.Code}",
            row => row.Balance.Minor,
            StringComparer.Ordinal
        );

    /// <summary>The connection string for a connection that is closed when it is disposed of.</summary>
    public static string Unpooled(string connection) => new NpgsqlConnectionStringBuilder(connection) { Pooling = false }.ConnectionString;

    // pg_dump reads what this transaction reads, so that the counts are those of the dump, whatever is booked meanwhile.
    private static async Task DumpAsync(NpgsqlConnection connection, string owner, IEnumerable<string> leftOut, string file, CancellationToken cancel)
    {
        await using var export = new NpgsqlCommand("select pg_export_snapshot()", connection);
        var snapshot = (string)(await export.ExecuteScalarAsync(cancel))!;
        string[] arguments =
        [
            "--format=custom",
            "--no-password",
            "--no-owner",
            $"--snapshot={snapshot}",
            .. leftOut.Select(table => $"--exclude-table-data={table}"),
            $"--file={file}",
        ];
        await PgProgram.RunAsync("pg_dump", arguments, owner, write: null, read: null, cancel);
    }

    // After the database: a file that a row names was there before the row. One that was deleted meanwhile is left out.
    private static async Task AddFilesAsync(TarWriter tar, List<ArchivePart> parts, string root, CancellationToken cancel)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            cancel.ThrowIfCancellationRequested();
            if (path.EndsWith(".new", StringComparison.Ordinal))
            {
                continue; // somebody is writing it
            }

            try
            {
                var name = Manifest.Files + Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
                parts.Add(await Archive.AddAsync(tar, name, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), cancel));
            }
            catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Deleted since the folder was listed.
            }
        }
    }

    /// <summary>A new file that only its owner can read.</summary>
    public static FileStream MakePrivate(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
