using System.Net;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Florin.Platform;

/// <summary>The web server and the layers that every request passes through, from the outermost to the handler.</summary>
internal static class WebServer
{
    internal static void AddWebServer(this WebApplicationBuilder builder, Settings settings)
    {
        builder.Logging.AddLogs(settings);
        builder.WebHost.UseUrls(settings.Url);
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, settings));

        var services = builder.Services;
        services.AddSingleton<Metrics>();
        services.AddHostedService(provider => provider.GetRequiredService<Metrics>());
        services.AddExceptionHandler<RefusalResponses>();
        services.AddSingleton<IProblemDetailsService, FrameworkProblems>();
        services.AddValidation();
        services.ConfigureHttpJsonOptions(json => Wire.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // so that one place says which field
        services.Configure<ForwardedHeadersOptions>(forwarded => Trust(forwarded, settings.KnownProxies));
        services.AddCors(cors => cors.AddDefaultPolicy(policy => Allow(policy, settings.CorsOrigins)));
        services.AddAuthentication();
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
        services.AddSingleton<RateCounts>();
        services.AddHostedService(provider => provider.GetRequiredService<RateCounts>());
        services.AddApiDescription();
        services.AddPages();
    }

    internal static void UseWebServer(this WebApplication app, Settings settings)
    {
        if (settings.KnownProxies.Count > 0)
        {
            app.UseForwardedHeaders();
        }

        app.Use(app.Services.GetRequiredService<PagePipeline>().Remember);
        app.UseMiddleware<RequestEdge>();
        app.UseExceptionHandler(_ => { });
        if (settings.CorsOrigins.Count > 0)
        {
            app.UseCors();
        }

        app.UseRouting();
        app.UseMiddleware<PageMiddleware>();
        app.UseMiddleware<EmptyAnswers>();
        app.UseAuthentication();
        if (settings.RateLimits)
        {
            app.UseMiddleware<RateLimiting>();
        }

        app.UseMiddleware<LargeBodies>();

        app.UseAuthorization();
    }

    private static void Limit(KestrelServerOptions kestrel, Settings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.Limits.MaxRequestBodySize = BodyLimitRoutes.DefaultBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.MaxConcurrentConnections = settings.MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = settings.MaxConnections;
    }

    private static void Trust(ForwardedHeadersOptions forwarded, IReadOnlyList<string> proxies)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        forwarded.ForwardLimit = null; // as far as known proxies reach
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
            {
                forwarded.KnownProxies.Add(address);
            }
            else
            {
                forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
            }
        }
    }

    // Pages of these origins may call with a bearer token. Cookies are never sent along.
    private static void Allow(Microsoft.AspNetCore.Cors.Infrastructure.CorsPolicyBuilder policy, IReadOnlyList<string> origins) =>
        policy
            .WithOrigins([.. origins])
            .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
            .WithHeaders("Authorization", "Content-Type", Idempotency.Header, RequestIds.Header)
            .WithExposedHeaders(RequestIds.Header, "Idempotency-Replayed", "Location", "Retry-After", "RateLimit", "RateLimit-Policy")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10));
}
