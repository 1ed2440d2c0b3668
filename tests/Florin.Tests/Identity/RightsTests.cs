using System.Net;
using System.Security.Claims;
using Florin.Identity;
using Florin.Platform;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Florin.Tests.Identity;

public sealed class RightsTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task Without_a_token_the_answer_is_401_with_a_challenge()
    {
        var refused = await app.Http.GetAsync("/v1/sessions", token: null);
        Assert.Equal((HttpStatusCode.Unauthorized, "not_signed_in"), (refused.Status, refused.Code));
        Assert.Equal("Bearer", refused.Message.Headers.WwwAuthenticate.ToString());
        Assert.Equal("application/problem+json", refused.Message.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("flk_0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_bad_token_is_401(string token)
    {
        var refused = await app.Http.GetAsync("/v1/sessions", token);
        Assert.Equal((HttpStatusCode.Unauthorized, "not_signed_in"), (refused.Status, refused.Code));
        Assert.Contains("invalid_token", refused.Message.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_in_a_cookie_is_not_read()
    {
        var me = await app.Http.RegisterAsync(Calls.Fresh("cookie"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/sessions", UriKind.Relative));
        request.Headers.Add("Cookie", $"access_token={me.Access}; acess_token={me.Access}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Without_the_role_the_answer_is_403_and_it_is_kept()
    {
        var me = await app.Http.RegisterAsync(Calls.Fresh("cust"));
        var refused = await app.Http.GetAsync("/v1/users", me.Access);
        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (refused.Status, refused.Code));
        Ids.TryRead("usr", me.Body.GetProperty("person").GetProperty("id").GetString(), out var id);
        Assert.Equal(
            "GET /v1/users",
            await app.Database.ScalarAsync<string>(
                "select trim(trailing '/' from details ->> 'method' || ' ' || (details ->> 'route')) from activity.entries where actor = $1 and action = 'identity.right_refused'",
                id
            )
        );
    }

    [Fact]
    public async Task An_address_that_does_not_exist_is_404_and_a_wrong_method_405()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/v1/nothing", token: null)).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await app.Http.SendAsync(HttpMethod.Put, "/v1/sessions")).Status);
    }

    [Fact]
    public void Every_route_says_who_may_call_it()
    {
        var routes = app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.NotEmpty(routes);
        var silent = routes.Where(route => route.Metadata.GetMetadata<IAuthorizeData>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null);
        Assert.Empty(silent.Select(route => route.RoutePattern.RawText));
    }

    [Theory]
    [InlineData("person", "customer", true)]
    [InlineData("merchant", "customer", false)]
    [InlineData("merchant", "merchant", true)]
    [InlineData("staff", "merchant", false)]
    [InlineData("staff", "auditor", true)]
    [InlineData("support", "auditor", false)]
    [InlineData("support", "support", true)]
    [InlineData("support", "admin", true)]
    [InlineData("finance", "support", false)]
    [InlineData("finance", "admin", false)]
    [InlineData("finance", "finance", true)]
    [InlineData("admin", "finance", false)]
    [InlineData("admin", "admin", true)]
    [InlineData("scope:wallets:read", "customer", true)]
    public async Task A_role_passes_its_policies(string policy, string role, bool passes)
    {
        Assert.Equal(passes, await PassesAsync(policy, Principal("session", (Caller.RoleClaim, role))));
        Assert.False(await PassesAsync(policy, new ClaimsPrincipal(new ClaimsIdentity())));
    }

    [Theory]
    [InlineData("scope:wallets:read", true)]
    [InlineData("scope:wallets:write", false)]
    [InlineData("scope:", false)]
    [InlineData("person", false)]
    [InlineData("merchant", false)]
    [InlineData("staff", false)]
    [InlineData("admin", false)]
    public async Task An_API_key_passes_the_policy_of_its_scope_and_no_other(string policy, bool passes)
    {
        var key = Principal("api_key", (Caller.ScopeClaim, "wallets:read"), (Caller.RoleClaim, Roles.Merchant), (Caller.RoleClaim, Roles.Admin));
        Assert.Equal(passes, await PassesAsync(policy, key));
    }

    [Fact]
    public async Task A_route_that_declares_nothing_is_open_to_nobody()
    {
        var fallback = await app.Get<IAuthorizationPolicyProvider>().GetFallbackPolicyAsync();
        Assert.NotNull(fallback);
        var admin = Principal("session", [.. Roles.All.Select(role => (Caller.RoleClaim, role))]);
        Assert.False((await app.Get<IAuthorizationService>().AuthorizeAsync(admin, null, fallback)).Succeeded);
    }

    [Fact]
    public async Task A_route_that_declares_nothing_is_refused_by_the_running_program()
    {
        var name = Calls.Fresh("adm");
        await app.Http.RegisterAsync(name);
        await app.Database.ScalarAsync<int>("update identity.people set roles = '{admin}' where username = $1", name);
        var admin = await app.Http.SignInAsync(name);
        var bare = new BareRoute(app);
        Assert.Equal(PlatformRefusals.NotSignedIn.Status, await bare.CallAsync(null));
        Assert.Equal(PlatformRefusals.Forbidden.Status, await bare.CallAsync(admin.Access));
        Assert.False(bare.Reached);
    }

    private async Task<bool> PassesAsync(string policy, ClaimsPrincipal user)
    {
        var found = await app.Get<IAuthorizationPolicyProvider>().GetPolicyAsync(policy);
        return (await app.Get<IAuthorizationService>().AuthorizeAsync(user, null, found!)).Succeeded;
    }

    private static ClaimsPrincipal Principal(string type, params (string Type, string Value)[] claims) =>
        new(
            new ClaimsIdentity(
                [
                    new Claim(Caller.PersonClaim, Guid.NewGuid().ToString("N")),
                    new Claim(Caller.SessionClaim, Guid.NewGuid().ToString("N")),
                    .. claims.Select(claim => new Claim(claim.Type, claim.Value)),
                ],
                type
            )
        );

    /// <summary>The program's own sign-in and rights in front of a route that says nothing about who may call it.</summary>
    private sealed class BareRoute
    {
        private readonly FlorinApp app;
        private readonly RequestDelegate pipeline;

        public BareRoute(FlorinApp app)
        {
            this.app = app;
            var builder = new ApplicationBuilder(app.Services);
            var route = new RouteEndpointBuilder(
                _ =>
                {
                    Reached = true;
                    return Task.CompletedTask;
                },
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse("/v1/bare"),
                0
            ).Build();
            builder.Use(
                (context, next) =>
                {
                    context.SetEndpoint(route);
                    return next(context);
                }
            );
            builder.UseAuthentication();
            builder.UseAuthorization();
            builder.Run(context => route.RequestDelegate!(context));
            pipeline = builder.Build();
        }

        public bool Reached { get; private set; }

        public async Task<int> CallAsync(string? token)
        {
            await using var scope = app.Services.CreateAsyncScope();
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            if (token is not null)
            {
                context.Request.Headers.Authorization = "Bearer " + token;
            }

            await pipeline(context);
            return context.Response.StatusCode;
        }
    }
}
