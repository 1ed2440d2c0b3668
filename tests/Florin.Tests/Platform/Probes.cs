using System.ComponentModel.DataAnnotations;
using Florin.Money;
using Florin.Platform;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Florin.Tests.Platform;

/// <summary>One program with a route of every kind that the platform must treat well.</summary>
public sealed class Probes : IAsyncLifetime
{
    /// <summary>A request with rules.</summary>
    public sealed record Order([property: Required, StringLength(10)] string ShortName, Amount Price, [property: Range(1, 9)] int Pieces = 1);

    internal ProbeApp App { get; private set; } = null!;

    internal TestDatabase Database { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await TestDatabase.CreateAsync();
        App = await ProbeApp.StartAsync(
            Database,
            Map,
            null,
            ("FLORIN_ALLOWED_HOSTS", "127.0.0.1,pay.example.org,*.shops.example.org,.bank.example.org"),
            ("FLORIN_CORS_ORIGINS", "https://front.example.org"),
            ("FLORIN_METRICS_TOKEN", "a-token-for-scrapers"),
            ("FLORIN_LOG_LEVEL", "Debug")
        );
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Database.DisposeAsync();
    }

    internal static void Map(RouteGroupBuilder v1)
    {
        var open = v1.MapGroup("/probe").AllowAnonymous();
        open.MapGet("/ok", () => new { Fine = true });
        open.MapGet("/things/{code}", (string code) => new { code.Length });
        open.MapGet("/empty/{status:int}", (int status) => TypedResults.StatusCode(status));
        open.MapGet("/number", (int wantedCount) => wantedCount);
        open.MapGet("/fault", IResult () => throw new InvalidOperationException("inside: anna@example.org, password=hunter22"));
        open.MapGet("/refused", IResult () => throw PlatformRefusals.NotFound.With("not this one"));
        open.MapGet("/away", IResult () => throw new InvalidOperationException("as EF says it", new Npgsql.NpgsqlException("gone", new TimeoutException())));
        open.MapGet("/page", () => TypedResults.Content("<p>page</p>", "text/html; charset=utf-8"));
        open.MapPost("/orders", (Order order) => order);
        open.MapPost("/small", ([FromBody] string[] words) => words.Length).LimitBody(100);
        open.MapPost("/large", ([FromBody] string[] words) => words.Length).LimitBody(4 * 1024 * 1024);
        open.MapPost("/keyed", (Order order, Idempotency idempotency) => order);
        open.MapGet("/address", (HttpContext http) => new { Address = http.Connection.RemoteIpAddress!.ToString(), http.Request.Scheme });
        v1.MapGet("/probe/mine", () => "mine").RequireAuthorization(Policies.Person);
        v1.MapGet("/probe/admin", () => "admin").RequireAuthorization(Policies.Admin);
        v1.MapGet("/probe/forgotten", () => "nobody said who may call this");
        open.MapPost("/limited", () => "in").LimitRate(new RateLimit("probe", 5, TimeSpan.FromMinutes(1)));
        open.MapPost("/exact", () => "in").LimitRate(new RateLimit("probe-exact", 5, TimeSpan.FromMinutes(1), Exact: true));
    }
}
