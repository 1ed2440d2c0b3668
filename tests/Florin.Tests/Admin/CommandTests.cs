using System.Net;
using Florin.Admin.Backups;
using Florin.Platform;
using Florin.Tests.Identity;
using Florin.Tests.Stories;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Admin;

/// <summary>The console's commands, on the real program: backup and restore, people, export, and how a wrong call is answered.</summary>
public sealed class CommandTests(CommandTests.Installation installation) : IClassFixture<CommandTests.Installation>
{
    private const string Password = "a long enough pass phrase";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_backup_proves_itself_and_comes_back_into_an_empty_database_and_into_no_other()
    {
        var (alice, bob) = (await SignedIn.AsAsync(installation.App), await SignedIn.AsAsync(installation.App));
        var name = await installation.App.Get<FileStore>().SaveAsync("pictures", new byte[] { 1, 2, 3 }, Cancel);
        var archive = Path.Combine(installation.Folder, "florin.backup");

        var made = await installation.RunAsync(["backup", "--prove", archive]);
        Assert.True(made.ExitCode == 0, made.Errors);
        Assert.Contains("proved", made.Output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(archive));
        Assert.Equal(0, await installation.App.Database.ScalarAsync<long>("select count(*) from pg_database where datname like 'florin_scratch_%'"));
        var manifest = await Archive.CheckAsync(archive, Cancel);
        Assert.DoesNotContain(manifest.Parts, part => string.Equals(part.Name, Manifest.SecretKey, StringComparison.Ordinal));
        Assert.Equal(["biometrics.keys"], manifest.LeftOut);

        var (code, _, busy) = await RunHereAsync("restore", "--overwrite", archive);
        Assert.Equal(1, code);
        Assert.Contains("stop the servers first", busy, StringComparison.Ordinal);

        await using var empty = await TestDatabase.CreateEmptyAsync();
        var folder = Path.Combine(installation.Folder, "elsewhere");
        (string, string)[] elsewhere = [("FLORIN_DATABASE", empty.Connection), ("FLORIN_DATABASE_OWNER", empty.OwnerConnection), ("FLORIN_DATA", folder)];
        var restored = await installation.RunAsync(["restore", archive], "", elsewhere);
        Assert.True(restored.ExitCode == 0, restored.Errors);
        Assert.Equal(2, await empty.ScalarAsync<long>("select count(*) from identity.people where id = any($1)", new[] { alice.Id, bob.Id }));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(folder, "files", "pictures", name[..2], name), Cancel));

        // Another time is refused, and leaves what is there.
        await empty.ScalarAsync<long>("update identity.people set first_name = 'Changed' where id = $1", alice.Id);
        await using var services = Installation.Console(elsewhere);
        await using var errors = new StringWriter();
        Assert.Equal(1, await Commands.RunAsync(new CommandCall(services, TextWriter.Null, errors), Restore.Command, [archive]));
        Assert.Equal("Changed", await empty.ScalarAsync<string>("select first_name from identity.people where id = $1", alice.Id));
        Assert.Contains("not empty", errors.ToString(), StringComparison.Ordinal);

        // One bit of it changed, or its end gone: refused before anything is touched.
        var bytes = await File.ReadAllBytesAsync(archive, Cancel);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(archive, bytes, Cancel);
        var damaged = await Assert.ThrowsAsync<CommandFailure>(() => Archive.CheckAsync(archive, Cancel));
        Assert.Contains("damaged or changed", damaged.Message, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(archive, bytes[..(bytes.Length / 2)], Cancel);
        await Assert.ThrowsAsync<CommandFailure>(() => Archive.CheckAsync(archive, Cancel));
    }

    [Fact]
    public async Task What_differs_after_a_restore_is_named()
    {
        await using var connection = new Npgsql.NpgsqlConnection(installation.App.Database.OwnerConnection);
        await connection.OpenAsync(Cancel);
        await TableFacts.ExecuteAsync(connection, "begin", Cancel);
        var before = await TableFacts.ReadAsync(connection, [], Cancel);
        await TableFacts.ExecuteAsync(connection, "insert into identity.admin_tokens (hash, created_at, expires_at) values ('x', now(), now())", Cancel);
        await TableFacts.ExecuteAsync(
            connection,
            "update platform.migrations set checksum = checksum || '!' where name = (select min(name) from platform.migrations)",
            Cancel
        );
        var differences = TableFacts.Differences(before, await TableFacts.ReadAsync(connection, [], Cancel));
        await TableFacts.ExecuteAsync(connection, "rollback", Cancel);
        Assert.Equal(2, differences.Count);
        Assert.Matches("identity.admin_tokens has [0-9]+ rows instead of [0-9]+", differences[0]);
        Assert.EndsWith("rows as it should, and others in them", differences[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_is_made_and_passwords_are_changed_from_the_console_and_by_no_argument()
    {
        var made = await installation.RunAsync(["create-admin", "boss", "--email", "boss@example.org"], Password + "\n");
        Assert.True(made.ExitCode == 0, made.Errors);
        var boss = await installation.App.Http.SignInAsync("boss", Password);
        Assert.Equal(HttpStatusCode.OK, (await installation.App.Http.GetAsync("/v1/users", boss.Access)).Status);

        var changed = await installation.RunAsync(["change-password", "boss@example.org"], Password + "!\n");
        Assert.True(changed.ExitCode == 0, changed.Errors);
        Assert.Equal("sign_in_failed", (await installation.App.Http.SignInAsync("boss", Password)).Code);
        Assert.NotNull((await installation.App.Http.SignInAsync("boss", Password + "!")).Access);
        Assert.Equal("sign_in_failed", (await installation.App.Http.SignInAsync("boss", Password)).Code);
        Assert.Equal(
            0,
            await installation.App.Database.ScalarAsync<long>(
                "select count(*) from identity.sessions s join identity.people p on p.id = s.person_id where p.username = 'boss' and s.revoked_at is null and s.created_at < p.updated_at"
            )
        );
        Assert.Equal(
            "identity.password_changed",
            await installation.App.Database.ScalarAsync<string>(
                "select action from activity.entries e join identity.people p on p.id = e.subject where p.username = 'boss' and details ->> 'by' = 'console'"
            )
        );
    }

    [Theory]
    [InlineData(2, "FILE is missing", "backup")]
    [InlineData(2, "there is no option --all", "backup", "--all", "x")]
    [InlineData(2, "'y' is one word too many", "restore", "x", "y")]
    [InlineData(2, "--person needs LOGIN", "export", "x", "--person")]
    [InlineData(2, "there is no", "restore", "no-such-file")]
    [InlineData(2, "FLORIN_SECRET_KEY_FORMER", "rotate-keys")]
    [InlineData(1, "nobody signs in as 'nobody'", "change-password", "nobody")]
    [InlineData(0, "./florin backup [options] FILE", "backup", "--help")]
    public async Task A_wrong_call_is_told_apart_and_explained(int exitCode, string says, params string[] typed)
    {
        var (ended, output, errors) = await RunHereAsync(typed);
        Assert.Equal(exitCode, ended);
        Assert.Contains(says, exitCode == 0 ? output : errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_s_data_and_every_table_are_exported_without_anything_secret()
    {
        var alice = await SignedIn.AsAsync(installation.App);
        var (person, tables, csv) = (
            Path.Combine(installation.Folder, "alice.json"),
            Path.Combine(installation.Folder, "tables"),
            Path.Combine(installation.Folder, "csv")
        );
        Assert.Equal(0, (await RunHereAsync("export", person, "--person", alice.Person.Username!)).ExitCode);
        var written = await File.ReadAllTextAsync(person, Cancel);
        Assert.Contains(alice.Person.Email!, written, StringComparison.Ordinal);
        Assert.DoesNotContain(alice.Person.PasswordHash!, written, StringComparison.Ordinal);
        Assert.Contains("identity.exported", await alice.ActivityAsync(), StringComparison.Ordinal);

        var exported = await RunHereAsync("export", tables);
        Assert.True(exported.ExitCode == 0, exported.Errors);
        var people = await File.ReadAllTextAsync(Path.Combine(tables, "identity", "people.jsonl"), Cancel);
        Assert.Contains(alice.Person.Email!, people, StringComparison.Ordinal);
        Assert.DoesNotContain("password_hash", people, StringComparison.Ordinal);
        Assert.DoesNotContain("totp_secret", people, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(tables, "ledger", "entries.jsonl")));
        Assert.Equal(0, (await RunHereAsync("export", csv, "--format", "csv", "--only", "identity")).ExitCode);
        Assert.Equal(["identity"], Directory.GetDirectories(csv).Select(Path.GetFileName));
        Assert.Contains(alice.Person.Email!, await File.ReadAllTextAsync(Path.Combine(csv, "identity", "people.csv"), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrations_are_shown_with_those_that_the_database_has()
    {
        var (code, output, _) = await RunHereAsync("migrate", "--list");
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal((0, Migrator.Names().Count), (code, lines.Length));
        Assert.All(lines, line => Assert.StartsWith("[X] 0", line, StringComparison.Ordinal));
        await using var empty = await TestDatabase.CreateEmptyAsync();
        var shown = await installation.RunAsync(["migrate", "--list"], "", ("FLORIN_DATABASE", empty.Connection));
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains("[ ] 0001", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("[X]", shown.Output, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output, string Errors)> RunHereAsync(params string[] typed)
    {
        var command = installation.App.Services.GetServices<Command>().Single(one => string.Equals(one.Name, typed[0], StringComparison.Ordinal));
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var exitCode = await Commands.RunAsync(new CommandCall(installation.App.Services, output, errors), command, typed[1..]);
        return (exitCode, output.ToString(), errors.ToString());
    }

    /// <summary>A running server, and what its console knows besides.</summary>
    public sealed class Installation : IAsyncLifetime
    {
        private const string Secret = "a test secret that is long enough 0123456789";

        public FlorinApp App { get; private set; } = null!;

        public string Folder { get; } = Directory.CreateTempSubdirectory("florin-commands-").FullName;

        private TestDatabase? database;

        public async ValueTask InitializeAsync()
        {
            database = await TestDatabase.CreateAsync();
            App = new FlorinApp(database) { Settings = { ["FLORIN_DATABASE_OWNER"] = database.OwnerConnection, ["FLORIN_DATA"] = Folder } };
            await App.InitializeAsync();
        }

        /// <summary>What a command for another database needs.</summary>
        internal static ServiceProvider Console(IEnumerable<(string Name, string Value)> settings)
        {
            var values = settings.Select(one => KeyValuePair.Create(one.Name, (string?)one.Value));
            return new ServiceCollection()
                .AddSingleton(new Settings(new ConfigurationBuilder().AddInMemoryCollection(values).Build()))
                .AddSingleton(new Secrets(Secret))
                .AddSingleton(TimeProvider.System)
                .BuildServiceProvider();
        }

        internal Task<FlorinCommand> RunAsync(string[] typed, string input = "", params (string Name, string Value)[] others) =>
            FlorinCommand.RunAsync(
                typed,
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["FLORIN_DATABASE"] = database!.Connection,
                    ["FLORIN_DATABASE_OWNER"] = database.OwnerConnection,
                    ["FLORIN_DATABASE_SUPERUSER"] = database.SuperuserConnection,
                    ["FLORIN_DATA"] = Folder,
                    ["FLORIN_SECRET_KEY"] = Secret,
                    ["FLORIN_PASSWORD_ITERATIONS"] = "1000",
                    ["FLORIN_FACE_ENGINE"] = "off",
                },
                input,
                others
            );

        public async ValueTask DisposeAsync()
        {
            await App.DisposeAsync();
            await database!.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }
}
