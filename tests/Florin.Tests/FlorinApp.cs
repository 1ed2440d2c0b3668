using Florin.Platform;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Florin.Tests;

/// <summary>The real program on a real port and a private database. One per test class: <c>IClassFixture&lt;FlorinApp&gt;</c>.</summary>
public sealed class FlorinApp : WebApplicationFactory<Program>, IAsyncLifetime
{
    private readonly TestDatabase? shared;
    private string data = Path.Combine(Path.GetTempPath(), "florin-test-" + Guid.NewGuid().ToString("N"));

    /// <summary>A server on a database of its own.</summary>
    public FlorinApp() { }

    /// <param name="database">The database, which outlives the server.</param>
    internal FlorinApp(TestDatabase database) => shared = database;

    /// <summary>A second server on the database and the data folder of this one. The caller disposes it, before this one.</summary>
    public async Task<FlorinApp> SecondServerAsync()
    {
        var second = new FlorinApp(Database) { Clock = Clock, data = data };
        foreach (var (name, value) in Settings)
        {
            second.Settings[name] = value;
        }

        second.Registrations.AddRange(Registrations);

        await second.InitializeAsync();
        return second;
    }

    public TestDatabase Database { get; private set; } = null!;

    /// <summary>The program's clock; tests wind it.</summary>
    public WindableClock Clock { get; private init; } = new();

    /// <summary>Settings to start with; set before the first use.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Further registrations, such as a consumer or a job of the test's own; set before the first use.</summary>
    public List<Action<IServiceCollection>> Registrations { get; } = [];

    /// <summary>Leads the server to its database another way, such as through a cable that can be cut.</summary>
    public Func<string, string> Connect { get; set; } = connectionString => connectionString;

    /// <summary>The port that it listens on; 0 for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>A client of the running server on its real port.</summary>
    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = shared ?? await TestDatabase.CreateAsync();
        UseKestrel(Port);
        StartServer();
        Http = CreateClient();
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (shared is null && Database is not null)
        {
            await Database.DisposeAsync();
        }

        if (shared is null && Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("FLORIN_DATABASE", Connect(Database.Connection + ";Maximum Pool Size=20"));
        builder.UseSetting("FLORIN_DATA", data);
        builder.UseSetting("FLORIN_SECRET_KEY", "a test secret that is long enough 0123456789");
        builder.UseSetting("FLORIN_LOG_LEVEL", "Warning");
        builder.UseSetting("FLORIN_DEMO", "false"); // an empty book, and a quick start
        builder.UseSetting("FLORIN_JOBS", "off"); // tests run a job themselves, at the time that they wound the clock to
        builder.UseSetting("FLORIN_RATE_LIMITS", "false"); // tests call from one address; the tests of limits switch them on
        builder.UseSetting("FLORIN_FACE_ENGINE", "off"); // a process of its own for every server; the tests of faces bring one
        builder.UseSetting("FLORIN_PASSWORD_ITERATIONS", "1000"); // tests sign in hundreds of times
        foreach (var (name, value) in Settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureServices(services =>
        {
            services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock));
            services.Remove(services.Single(service => service.ImplementationType == typeof(MemoryAfterLoad))); // one process, many servers
            Registrations.ForEach(register => register(services));
        });
    }
}

/// <summary>The real clock plus what the test has wound it on.</summary>
public sealed class WindableClock : TimeProvider
{
    private long ahead;

    public void Wind(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref ahead));
}
