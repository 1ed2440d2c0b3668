using System.Security.Claims;
using System.Text.Encodings.Web;
using Florin.Platform;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Florin.Tests.Platform;

/// <summary>Platform without the modules, as <c>Program.cs</c> puts it together, with routes of the test's own, on a real port.</summary>
internal sealed class ProbeApp : IAsyncDisposable
{
    private readonly WebApplication program;

    private ProbeApp(WebApplication program, HttpClient http)
    {
        this.program = program;
        Data = program.Services.GetRequiredService<Settings>().Data;
        Http = http;
    }

    /// <summary>A client that follows no redirect.</summary>
    public HttpClient Http { get; }

    public T Get<T>()
        where T : notnull => program.Services.GetRequiredService<T>();

    /// <summary>Starts it.</summary>
    /// <param name="database">Where its tables are.</param>
    /// <param name="map">The routes below <c>/v1</c>.</param>
    /// <param name="clock">The clock, where the test winds it.</param>
    /// <param name="settings">Settings: name, value.</param>
    public static async Task<ProbeApp> StartAsync(
        TestDatabase database,
        Action<RouteGroupBuilder> map,
        TimeProvider? clock = null,
        params (string Name, string Value)[] settings
    )
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        var data = Path.Combine(Path.GetTempPath(), "florin-test-" + Guid.NewGuid().ToString("N"));
        var given = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["FLORIN_URL"] = "http://127.0.0.1:0",
            ["FLORIN_DATABASE"] = database.Connection + ";Maximum Pool Size=10",
            ["FLORIN_DATA"] = data,
            ["FLORIN_SECRET_KEY"] = "a test secret that is long enough 0123456789",
            ["FLORIN_LOG_LEVEL"] = "Error",
        };
        foreach (var (name, value) in settings)
        {
            given[name] = value;
        }

        foreach (var (name, value) in given)
        {
            builder.Configuration[name] = value;
        }

        builder.AddPlatform();
        builder.Services.AddValidation();
        builder.Services.Remove(builder.Services.Single(one => one.ImplementationType?.Name is "ConsoleLoggerProvider")); // Kept has the lines
        builder.Services.AddSingleton<Kept>();
        builder.Services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<Kept>());
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, HeaderSignIn>("test", null);
        builder.Services.AddAuthorizationBuilder().AddPolicy(Policies.Person, policy => policy.RequireAuthenticatedUser());
        builder.Services.AddAuthorizationBuilder().AddPolicy(Policies.Admin, policy => policy.RequireClaim(Caller.RoleClaim, Roles.Admin));
        if (clock is not null)
        {
            builder.Services.Replace(ServiceDescriptor.Singleton(clock));
        }

        var made = builder.Build();
        made.UsePlatform();
        map(made.MapPlatform());
        await made.StartAsync();
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(made.Urls.First()) };
        return new ProbeApp(made, http);
    }

    /// <summary>The folder for files.</summary>
    public string Data { get; }

    /// <summary>Sends a request.</summary>
    /// <param name="request">Method and path, such as <c>GET /v1/x</c>.</param>
    /// <param name="body">JSON, if any.</param>
    /// <param name="headers">Headers; <c>X-Person</c> signs in.</param>
    public async Task<HttpResponseMessage> SendAsync(string request, string? body = null, params (string Name, string Value)[] headers)
    {
        var parts = request.Split(' ', 2);
        using var message = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
        message.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(message, TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it, and keeps its files until it is disposed.</summary>
    public async Task StopAsync()
    {
        await program.StopAsync();
        await program.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await StopAsync();
        if (Directory.Exists(Data))
        {
            Directory.Delete(Data, recursive: true);
        }
    }

    // X-Person: the person's id.
    private sealed class HeaderSignIn(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["X-Person"].ToString() is not { Length: > 0 } person)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var user = new ClaimsPrincipal(new ClaimsIdentity([new(Caller.PersonClaim, person), new(Caller.SessionClaim, person)], "test"));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, "test")));
        }
    }
}

/// <summary>Keeps the log's lines as they would be written.</summary>
internal sealed class Kept : ILoggerProvider, ISupportExternalScope
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> lines = new();
    private IExternalScopeProvider? scopes;

    public IEnumerable<string> Lines => lines;

    public ILogger CreateLogger(string categoryName) => new KeptLogger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose() { }

    private sealed class KeptLogger(Kept kept, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => kept.scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            kept.lines.Enqueue(
                LogLine.Of(
                    new Microsoft.Extensions.Logging.Abstractions.LogEntry<TState>(logLevel, category, eventId, state, exception, formatter),
                    kept.scopes,
                    DateTimeOffset.UnixEpoch,
                    json: false
                )
            );
    }
}
