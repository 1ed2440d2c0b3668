using Florin.Platform.Pages;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Platform;

/// <summary>What every module stands on: settings, database, refusals, wire format, commands.</summary>
public static class PlatformModule
{
    /// <summary>Its services.</summary>
    public static Settings AddPlatform(this WebApplicationBuilder builder)
    {
        DotEnv.Load(builder.Configuration);
        var settings = new Settings(builder.Configuration);
        builder.AddWebServer(settings);

        var services = builder.Services;
        services.AddSingleton(settings);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new Secrets(settings.ResolveSecretKey(), settings.FormerSecretKey));
        services.AddSingleton(_ =>
        {
            var connection = new NpgsqlConnectionStringBuilder(settings.DatabaseConnection)
            {
                ApplicationName = "florin",
                MaxAutoPrepare = 200,
                AutoPrepareMinUsages = 2,
            };
            return new NpgsqlDataSourceBuilder(connection.ConnectionString) { Name = "florin" }.Build();
        });
        services.AddSingleton<Database>();
        services.AddDbContextPool<FlorinDb>((provider, options) => options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<Idempotency>();
        services.AddHostedService<DatabaseStart>();
        services.AddOutbox();
        services.AddSingleton(OutboxRetention.Job);
        services.AddSingleton(EmptyKeptAnswers.Job);
        services.AddSingleton<JobRuns>();
        services.AddSingleton<HealthDesk>();
        foreach (var part in PlatformHealth.Parts)
        {
            services.AddSingleton(part);
        }

        services.AddHostedService<MemoryAfterLoad>();
        if (settings.Jobs)
        {
            services.AddHostedService<JobScheduler>();
        }

        services.AddSingleton(
            new Command("migrate", "bring the database to this version", MigrateAsync)
            {
                Options = [new CommandOption("--list", "only show the migrations, and which of them the database has")],
            }
        );
        services.AddSingleton(RotateKeys.Command);
        services.AddSingleton(new LeftOutOfExports("platform.rate_counts"));
        services.AddSingleton(new LeftOutOfExports("platform.idempotency"));
        services.AddSingleton(new LeftOutOfExports("platform.ended_owners"));
        services.AddSingleton(new SealedColumn("platform.outbox", "secret", ["topic"], static _ => MessageRequest.Topic));
        return settings;
    }

    /// <summary>What every request passes through.</summary>
    public static void UsePlatform(this WebApplication app) => app.UseWebServer(app.Services.GetRequiredService<Settings>());

    /// <summary>Its routes, and the group that the modules' routes stand in.</summary>
    public static RouteGroupBuilder MapPlatform(this WebApplication app)
    {
        Health.Map(app);
        Metrics.Map(app);
        ApiDescription.Map(app);
        app.MapShell();
        return app.MapGroup("/v1");
    }

    private static void AddOutbox(this IServiceCollection services)
    {
        services.AddSingleton<OutboxReader>();
        services.AddSingleton<OutboxTail>();
        services.AddSingleton<OutboxCursors>();
        services.AddSingleton<OutboxParked>();
        services.AddSingleton<OutboxDesk>();
        services.AddSingleton<OutboxSignal>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxSignal>());
        services.AddHostedService<OutboxStart>();
        services.AddHostedService<OutboxDispatch>();
    }

    private static async Task<int> MigrateAsync(CommandCall call, CancellationToken cancel)
    {
        if (call.Has("--list"))
        {
            return await ListMigrationsAsync(call, cancel);
        }

        var settings = call.Get<Settings>();
        if (settings.DatabaseOwnerConnection.Length == 0)
        {
            throw new CommandFailure("Set FLORIN_DATABASE_OWNER to the connection string of the role that owns the database.", Commands.Misused);
        }

        var serverRole = new NpgsqlConnectionStringBuilder(settings.DatabaseConnection).Username!;
        var count = await Migrator.ApplyAsync(settings.DatabaseOwnerConnection, serverRole, name => call.Print($"applied {name}"), cancel);
        call.Print(count == 0 ? "The database is at this version." : $"{count} migrations applied.");
        return Commands.Done;
    }

    private static async Task<int> ListMigrationsAsync(CommandCall call, CancellationToken cancel)
    {
        var missing = await Migrator.MissingAsync(call.Get<Database>(), cancel);
        foreach (var name in Migrator.Names())
        {
            call.Print($"[{(missing.Contains(name) ? ' ' : 'X')}] {name}");
        }

        return Commands.Done;
    }
}
