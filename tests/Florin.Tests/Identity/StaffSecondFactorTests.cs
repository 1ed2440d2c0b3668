using System.Net;
using Florin.Identity;
using Florin.Platform;
using Florin.Tests.Pages;
using Florin.Tests.Routes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Florin.Tests.Identity;

/// <summary>What live mode demands of staff, on a server that differs from a sandbox in nothing else; <c>LiveModeTests</c> has the real one.</summary>
public sealed class StaffSecondFactorTests(StaffSecondFactorTests.Strict strict) : IClassFixture<StaffSecondFactorTests.Strict>
{
    private static readonly string[] OfStaff = ["staff", "support", "finance", "admin"];

    private readonly FlorinApp app = strict.App;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_and_page_of_staff_is_closed_to_those_who_proved_a_password_only_and_says_how_to_open_it()
    {
        var everything = await SignedIn.AsAsync(app, [.. Roles.All]);
        var customer = await SignedIn.AsAsync(app);
        var policies = RouteUnderTest.Policies();
        var tried = 0;
        foreach (var route in RouteUnderTest.All(app).Where(route => policies[route.Name].Intersect(OfStaff, StringComparer.Ordinal).Any()))
        {
            tried++;
            Assert.Equal((route.Name, "second_factor_needed"), (route.Name, await KnockAsync(everything, route)));
            Assert.Equal((route.Name, "forbidden"), (route.Name, await KnockAsync(customer, route)));
        }

        Assert.True(tried > 40, $"only {tried} routes were seen");
        // What is the person's own stays open: there they set it up.
        Assert.True((await everything.GetAsync("/v1/me")).IsSuccessStatusCode);
        Assert.Equal("forbidden", await SignedIn.Refusal(await everything.GetAsync("/v1/payments?all=true")));
        Assert.Contains("identity.right_refused", await everything.ActivityAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_of_the_app_opens_it_at_once_for_this_session_after_its_next_refresh_and_stopping_closes_it()
    {
        var name = await SignedIn.AsAsync(app, Roles.Admin);
        var started = await app.Http.SignInAsync(name.Person.Username!, SignedIn.Password);
        Assert.Equal("second_factor_needed", (await app.Http.GetAsync("/v1/users", started.Access)).Code);
        var secret = (await app.Http.PostAsync("/v1/me/totp", new { }, started.Access)).Text("secret")!;
        Assert.Equal(HttpStatusCode.OK, (await app.Http.PostAsync("/v1/me/totp/confirm", new { code = CodeNow(secret) }, started.Access)).Status);
        var refreshed = await app.Http.PostAsync("/v1/sessions/refresh", new { refresh_token = started.Refresh });
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/users", refreshed.Access)).Status);

        app.Clock.Wind(TimeSpan.FromMinutes(2));
        await name.SignInAsync(CodeNow(secret));
        Assert.True((await name.GetAsync("/v1/users")).IsSuccessStatusCode);

        app.Clock.Wind(TimeSpan.FromMinutes(2));
        var stop = new { password = SignedIn.Password, code = CodeNow(secret) };
        Assert.Equal(HttpStatusCode.NoContent, (await name.SendAsync("DELETE", "/v1/me/totp", stop)).StatusCode);
        var again = await app.Http.PostAsync("/v1/sessions/refresh", new { refresh_token = refreshed.Refresh });
        Assert.Equal("second_factor_needed", (await app.Http.GetAsync("/v1/users", again.Access)).Code);
    }

    [Fact]
    public async Task A_passkey_opens_it_and_who_has_one_makes_no_other_factor_with_the_password_alone()
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        using var device = await PasskeyTests.WithPasskeyAsync(admin);
        Assert.Equal("second_factor_needed", await SignedIn.Refusal(await admin.GetAsync("/v1/users"))); // the password began this session
        Assert.Equal("second_factor_needed", await SignedIn.Refusal(await admin.SendAsync("POST", "/v1/me/totp", new { })));
        Assert.Equal("second_factor_needed", await SignedIn.Refusal(await admin.SendAsync("POST", "/v1/me/passkeys/options", new { })));

        var asked = await SignedIn.Json(await SignedIn.SendAsync(app.Http, "POST", "/v1/sessions/passkey/options"));
        var answer = new { state = asked.GetProperty("state").GetString(), credential = device.Use(asked.GetProperty("options")) };
        var session = await SignedIn.Json(await SignedIn.SendAsync(app.Http, "POST", "/v1/sessions/passkey", answer));
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/v1/users", session.GetProperty("access_token").GetString())).Status);
    }

    [Fact]
    public async Task Pages_of_staff_lead_to_where_it_is_set_up_and_open_in_the_same_browser_once_it_is()
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        using var browser = await PageBrowser.SignedInAsync(app, admin);
        var pages = app.Get<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
            .Select(route => route.RoutePattern.RawText!)
            .Where(path => path.StartsWith("/admin", StringComparison.Ordinal) && !path.Contains('{', StringComparison.Ordinal))
            .ToList();
        Assert.True(pages.Count > 8, $"only {pages.Count} pages were seen");
        foreach (var path in pages)
        {
            using var answer = await browser.GetAsync(path);
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, answer.StatusCode));
            Assert.Contains("href=\"/account/totp\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        using var started = await browser.SubmitAsync("/account/totp", "/account/totp/start");
        var form = await started.Content.ReadAsStringAsync(Cancel);
        var secret = form.Split("name=\"secret\" value=\"")[1].Split('"')[0];
        using var confirmed = await browser.PostAsync(
            "/account/totp/confirm",
            [("form_token", PageBrowser.TokenOf(form)), ("secret", secret), ("code", CodeNow(secret))]
        );
        Assert.Equal(HttpStatusCode.OK, confirmed.StatusCode);
        foreach (var path in pages)
        {
            using var answer = await browser.GetAsync(path);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Redirect, $"{path}: {answer.StatusCode}");
        }
    }

    [Fact]
    public void In_a_sandbox_the_password_is_enough()
    {
        var tokens = new AccessTokens(new byte[32], app.Clock);
        var token = tokens.Check(tokens.Issue(Ids.New(), Ids.New(), [Roles.Admin], app.Clock.GetUtcNow()))!;
        Assert.True(token.Principal.HasClaim(Caller.RoleClaim, Roles.Admin));
    }

    private async Task<string> KnockAsync(SignedIn who, RouteUnderTest route)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), new Uri(route.AnyPath, UriKind.Relative));
        request.Headers.Authorization = who.Http.DefaultRequestHeaders.Authorization;
        if (route.ContentType is { } type)
        {
            request.Content = new StringContent("[]");
            request.Content.Headers.Remove("Content-Type");
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var answer = await app.Http.SendAsync(request, Cancel);
        return await SignedIn.Refusal(answer);
    }

    private string CodeNow(string secret)
    {
        Assert.True(Base32.TryDecode(secret, out var bytes));
        return Totp.Code(bytes, Totp.StepAt(app.Clock.GetUtcNow()));
    }

    /// <summary>A server that demands what live mode demands.</summary>
    public sealed class Strict : IAsyncLifetime
    {
        public FlorinApp App { get; } = new();

        public async ValueTask InitializeAsync()
        {
            App.Registrations.Add(services =>
                services.Replace(
                    ServiceDescriptor.Singleton(provider => new AccessTokens(
                        provider.GetRequiredService<Secrets>().Key("access-token"),
                        provider.GetRequiredService<TimeProvider>(),
                        staffNeedSecondFactor: true
                    ))
                )
            );
            await App.InitializeAsync();
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
