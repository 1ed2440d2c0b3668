using System.Net;
using System.Net.Http.Headers;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Tests.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using SignedIn = Florin.Tests.Identity.SignedIn;

namespace Florin.Tests.Pages;

/// <summary>T2: the cookie of pages, and who may send their forms.</summary>
public sealed class PageSessionTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_page_that_is_somebodys_leads_to_the_sign_in_and_back()
    {
        using var browser = new PageBrowser(app);
        var pages =
            from route in app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            where route.Metadata.GetMetadata<PageRoute>() is not null && route.Metadata.GetMetadata<IAllowAnonymous>() is null
            where route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("GET", StringComparer.Ordinal)
            select "/" + route.RoutePattern.RawText!.TrimStart('/').Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
        var tried = 0;
        foreach (var page in pages)
        {
            using var answer = await browser.GetAsync(page);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.Equal("/login?redirect=" + Uri.EscapeDataString(page), answer.Headers.Location!.ToString());
            tried++;
        }

        Assert.True(tried >= 2, $"only {tried} pages were seen");
    }

    [Fact]
    public async Task The_cookie_signs_in_to_pages_and_to_nothing_else_and_ends_with_its_session()
    {
        var person = await SignedIn.AsAsync(app);
        using var browser = await PageBrowser.SignedInAsync(app, person);
        var cookie = browser.Cookies["florin_session"]!;
        Assert.True(cookie.HttpOnly);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account/passkeys")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/v1/me")).StatusCode);

        // Its token is no bearer token, and refreshes nothing.
        using var bearer = new HttpRequestMessage(HttpMethod.Get, "/v1/me");
        bearer.Headers.Authorization = new AuthenticationHeaderValue("Bearer", cookie.Value);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.SendAsync(bearer, Cancel)).StatusCode);
        var refreshed = await SignedIn.SendAsync(app.Http, "POST", "/v1/sessions/refresh", new { refresh_token = cookie.Value });
        Assert.Equal("refresh_token_not_valid", await SignedIn.Refusal(refreshed));

        using (var left = await browser.SubmitAsync("/account/passkeys", "/logout"))
        {
            Assert.Equal("/", left.Headers.Location!.ToString());
        }

        using var thief = new PageBrowser(app);
        thief.Http.DefaultRequestHeaders.Add("Cookie", $"florin_session={cookie.Value}");
        Assert.Equal(HttpStatusCode.Redirect, (await thief.GetAsync("/account/passkeys")).StatusCode);
    }

    [Fact]
    public async Task A_session_of_pages_ends_with_the_others_when_rights_or_password_change()
    {
        var admin = await SignedIn.AsAsync(app, Roles.Admin);
        var person = await SignedIn.AsAsync(app);
        using var browser = await PageBrowser.SignedInAsync(app, person);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account/passkeys")).StatusCode);
        Assert.True((await admin.SendAsync("PATCH", $"/v1/users/{person.Person.PublicId}", new { deactivated = true })).IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/account/passkeys")).StatusCode);
    }

    [Fact]
    public async Task It_lives_a_week_from_its_last_use_and_a_month_at_most()
    {
        await using var winding = new FlorinApp();
        await winding.InitializeAsync();
        var person = await SignedIn.AsAsync(winding);
        using var idle = await PageBrowser.SignedInAsync(winding, person);
        using var used = await PageBrowser.SignedInAsync(winding, person);
        for (var day = 0; day < 28; day += 4)
        {
            Assert.Equal(HttpStatusCode.OK, (await used.GetAsync("/account/passkeys")).StatusCode);
            winding.Clock.Wind(TimeSpan.FromDays(4));
        }

        Assert.Equal(HttpStatusCode.Redirect, (await idle.GetAsync("/account/passkeys")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await used.GetAsync("/account/passkeys")).StatusCode);
        winding.Clock.Wind(TimeSpan.FromDays(4));
        Assert.Equal(HttpStatusCode.Redirect, (await used.GetAsync("/account/passkeys")).StatusCode);
    }

    [Fact]
    public async Task Forms_come_from_our_own_pages_or_are_refused()
    {
        var person = await SignedIn.AsAsync(app);
        using var browser = await PageBrowser.SignedInAsync(app, person);
        using var stranger = await PageBrowser.SignedInAsync(app, await SignedIn.AsAsync(app));
        var token = PageBrowser.TokenOf(await browser.TextAsync("/account/passkeys"));
        var strangers = PageBrowser.TokenOf(await stranger.TextAsync("/account/passkeys"));
        (string, string)[] good = [("form_token", token), ("language", "en"), ("back", "/")];
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync("/preferences", [("language", "en")])).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync("/preferences", [("form_token", strangers)])).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync("/preferences", good, ("Origin", "https://evil.example"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync("/preferences", good, ("Sec-Fetch-Site", "cross-site"))).StatusCode);
        var own = app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.PostAsync("/preferences", good, ("Origin", own), ("Sec-Fetch-Site", "same-origin"))).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.PostAsync("/preferences", good)).StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    public async Task No_sign_in_leads_elsewhere(string redirect)
    {
        var person = await SignedIn.AsAsync(app);
        using var browser = new PageBrowser(app);
        using var answer = await browser.SubmitAsync(
            "/login",
            "/login",
            ("login", person.Person.Username!),
            ("password", SignedIn.Password),
            ("redirect", redirect)
        );
        Assert.Equal("/", answer.Headers.Location!.ToString());
    }
}
