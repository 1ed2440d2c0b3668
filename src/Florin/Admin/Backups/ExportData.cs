using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Florin.Activity;
using Florin.Identity;
using Florin.Platform;
using Npgsql;

namespace Florin.Admin.Backups;

/// <summary>
/// <c>./florin export</c>: what Florin keeps of one person as JSON, as they get it themselves; or every table as a file of its own, all as of one moment and
/// without anything secret, for another system to read.
/// </summary>
internal static class ExportData
{
    private const string Json = "jsonl";

    // Seals and hashes serve nobody else; the scheduler's tables say nothing of the business.
    private const string Readable = """
        select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
        where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and atttypid <> 'bytea'::regtype and attname !~ '(^|_)hash(es)?$'
        """;

    private const string Scheduler = "jobs";

    public static readonly Command Command = new("export", "write a person's data, or every table, as JSON or CSV", RunAsync)
    {
        Words = ["TO"],
        Options =
        [
            new("--person", "only what is kept of this person, into the file TO", "LOGIN"),
            new("--format", "jsonl (a JSON object a line) or csv, for tables", "FORMAT"),
            new("--only", "only these groups of tables, such as ledger,payments", "GROUPS"),
        ],
        More = "  TO is a new folder, with a folder for each group of tables in it (a module's); for a person it is a new file. Only you can read them.",
    };

    private static Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var to = Path.GetFullPath(call.Words[0]);
        if (File.Exists(to) || Directory.Exists(to))
        {
            throw new CommandFailure($"{to} is there already", Commands.Misused);
        }

        return call.Value("--person") is { } login ? PersonAsync(call, login, to, cancel) : TablesAsync(call, to, cancel);
    }

    private static async Task<int> PersonAsync(CommandCall call, string login, string to, CancellationToken cancel)
    {
        await using var scope = call.Services.CreateAsyncScope();
        var person =
            await scope.ServiceProvider.GetRequiredService<People>().FindByLoginAsync(login, LoginKinds.Any, cancel)
            ?? throw new CommandFailure($"nobody signs in as '{login}'");
        var export = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["exported_at"] = call.Get<TimeProvider>().GetUtcNow(),
            ["person"] = person.PublicId,
        };
        foreach (var module in scope.ServiceProvider.GetServices<IPersonalData>())
        {
            export[module.Section] = await module.ExportAsync(person.Id, cancel);
        }

        await using (var file = BackUp.MakePrivate(to))
        {
            await JsonSerializer.SerializeAsync(file, export, Wire.Json, cancel);
        }

        var entry = call.Get<ActivityLog>().Entry("identity.exported", person.Id, new { by = "console" });
        await call.Get<Database>().TransactionAsync(connection => RecordAsync(connection, entry, cancel), cancel);
        call.Print($"{to}: what is kept of {login}");
        return Commands.Done;
    }

    private static async Task<bool> RecordAsync(NpgsqlConnection connection, ActivityEntry entry, CancellationToken cancel)
    {
        await connection.InsertAsync(cancel, ActivityLog.Row(entry));
        return true;
    }

    private static async Task<int> TablesAsync(CommandCall call, string to, CancellationToken cancel)
    {
        var format = call.Value("--format") ?? Json;
        if (format is not (Json or "csv"))
        {
            throw new CommandFailure("--format must be jsonl or csv", Commands.Misused);
        }

        var owner = call.Get<Settings>().DatabaseOwnerConnection;
        if (owner.Length == 0)
        {
            throw new CommandFailure("set FLORIN_DATABASE_OWNER: the server's own role may not read everything", Commands.Misused);
        }

        await using var connection = new NpgsqlConnection(BackUp.Unpooled(owner));
        await connection.OpenAsync(cancel);
        await TableFacts.ExecuteAsync(connection, "begin isolation level repeatable read read only; set local time zone 'UTC'", cancel);
        string[] leftOut =
        [
            Scheduler,
            .. call.Services.GetServices<LeftOutOfExports>().Select(one => one.Table),
            .. call.Services.GetServices<LeftOutOfBackups>().Select(one => one.Table),
        ];
        var all = (await TableFacts.NamesAsync(connection, cancel))
            .Where(one => !leftOut.Contains(one.Schema, StringComparer.Ordinal) && !leftOut.Contains($"{one.Schema}.{one.Table}", StringComparer.Ordinal))
            .ToList();
        var only = call.Value("--only")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = only?.Except(all.Select(one => one.Schema), StringComparer.Ordinal).FirstOrDefault();
        if (unknown is not null)
        {
            throw new CommandFailure(
                $"there is no group '{unknown}'; there are {string.Join(", ", all.Select(one => one.Schema).Distinct(StringComparer.Ordinal))}",
                Commands.Misused
            );
        }

        MakeFolder(to);
        var rows = 0L;
        foreach (var (schema, table) in all.Where(one => only is null || only.Contains(one.Schema, StringComparer.Ordinal)))
        {
            MakeFolder(Path.Combine(to, schema));
            var count = await TableAsync(connection, schema, table, format, Path.Combine(to, schema, $"{table}.{format}"), cancel);
            call.Say(string.Create(CultureInfo.InvariantCulture, $"{schema}.{table}: {count} rows"));
            rows += count;
        }

        call.Print(string.Create(CultureInfo.InvariantCulture, $"{to}: {rows} rows"));
        return Commands.Done;
    }

    [SuppressMessage("Security", "CA2100", Justification = "quoted names out of the catalogue")]
    private static async Task<long> TableAsync(NpgsqlConnection connection, string schema, string table, string format, string to, CancellationToken cancel)
    {
        var name = $"{TableFacts.Quote(schema)}.{TableFacts.Quote(table)}";
        await using var readable = new NpgsqlCommand(Readable, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = name } } };
        if (await readable.ExecuteScalarAsync(cancel) is not string columns)
        {
            return 0; // nothing but secrets
        }

        await using var file = BackUp.MakePrivate(to);
        await using var writer = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        if (format is Json)
        {
            var rows = 0L;
            await using var command = new NpgsqlCommand($"select row_to_json(exported_row)::text from (select {columns} from {name}) exported_row", connection)
            {
                CommandTimeout = 0,
            };
            await using var reader = await command.ExecuteReaderAsync(cancel);
            for (; await reader.ReadAsync(cancel); rows++)
            {
                await writer.WriteLineAsync(reader.GetString(0));
            }

            return rows;
        }

        await using var count = new NpgsqlCommand($"select count(*) from {name}", connection) { CommandTimeout = 0 };
        var total = (long)(await count.ExecuteScalarAsync(cancel))!;
        using var copy = await connection.BeginTextExportAsync($"copy (select {columns} from {name}) to stdout with (format csv, header)", cancel);
        var buffer = new char[1 << 15];
        for (int read; (read = await copy.ReadAsync(buffer.AsMemory(), cancel)) > 0; )
        {
            await writer.WriteAsync(buffer.AsMemory(0, read), cancel);
        }

        return total;
    }

    private static void MakeFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
