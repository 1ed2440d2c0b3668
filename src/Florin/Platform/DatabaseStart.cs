using Npgsql;

namespace Florin.Platform;

/// <summary>Before anything is served: migrates where it may, and checks that the database is at this version and keeps what it is told.</summary>
internal sealed partial class DatabaseStart(Settings settings, Database database, ILogger<DatabaseStart> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.DatabaseConnection.Length == 0)
        {
            throw new InvalidOperationException("FLORIN_DATABASE is not set; ./run provides a private database.");
        }

        if (settings.DatabaseOwnerConnection.Length > 0)
        {
            var serverRole = new NpgsqlConnectionStringBuilder(settings.DatabaseConnection).Username!;
            await Migrator.ApplyAsync(settings.DatabaseOwnerConnection, serverRole, LogApplied, cancellationToken);
        }

        var missing = await Migrator.MissingAsync(database, cancellationToken);
        if (missing.Count > 0)
        {
            throw new InvalidOperationException($"The database lacks {string.Join(", ", missing)}: run ./florin migrate, or set FLORIN_DATABASE_OWNER.");
        }

        await CheckDurabilityAsync(cancellationToken);
        await CheckRoleAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CheckDurabilityAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select string_agg(name, ', ') from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'"
        );
        if (await command.ExecuteScalarAsync(cancel) is string off)
        {
            Refuse($"PostgreSQL runs with {off} off: a power cut loses money that was acknowledged.");
        }
    }

    private async Task CheckRoleAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select rolsuper or exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'ledger' and c.relkind = 'r' and pg_has_role(current_user, c.relowner, 'usage'))
            from pg_roles where rolname = current_user
            """
        );
        if (await command.ExecuteScalarAsync(cancel) is true)
        {
            Refuse("The server's database role can alter tables; give FLORIN_DATABASE a role without DDL.");
        }
    }

    private void Refuse(string problem)
    {
        if (!settings.Sandbox)
        {
            throw new InvalidOperationException(problem);
        }

        LogWarning(problem);
    }

    [LoggerMessage(LogLevel.Information, "applied migration {Name}")]
    private partial void LogApplied(string name);

    [LoggerMessage(LogLevel.Warning, "{Problem}")]
    private partial void LogWarning(string problem);
}
