using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Florin.Tests.Fx;

/// <summary>A provider of exchange rates on a real port that speaks exchangerate-api.com's v4 JSON, and misbehaves on demand.</summary>
public sealed class ProviderServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private int calls;

    private ProviderServer(WebApplication app)
    {
        this.app = app;
    }

    /// <summary>How often it was asked.</summary>
    public int Calls => Volatile.Read(ref calls);

    /// <summary>What it answers.</summary>
    public Func<HttpContext, Task> Respond { get; set; } = _ => Task.CompletedTask;

    /// <summary>Its address, for FLORIN_FX_URL.</summary>
    public string Url => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<ProviderServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var host = builder.Build();
        var server = new ProviderServer(host);
        host.MapGet(
            "/v4/latest/USD",
            http =>
            {
                Interlocked.Increment(ref server.calls);
                return server.Respond(http);
            }
        );
        host.MapGet("/elsewhere", http => http.Response.WriteAsync("""{"base":"USD","rates":{"KZT":501}}"""));
        await host.StartAsync();
        return server;
    }

    /// <summary>Answers these rates from now on, as they stand in the text: <c>"KZT":510.2</c>.</summary>
    public void Rates(string rates) =>
        Json($$$"""{"provider":"test","base":"USD","date":"2026-01-31","time_last_updated":1769817602,"rates":{"USD":1,{{{rates}}}}}""");

    /// <summary>Answers this text from now on.</summary>
    public void Json(string text) =>
        Respond = http =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(text);
        };

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
