using System.Net;
using System.Text.RegularExpressions;
using Florin.Tests.Identity;

namespace Florin.Tests.Pages;

/// <summary>What a browser does with cookies and forms, without drawing anything: for what needs no real one.</summary>
internal sealed partial class PageBrowser : IDisposable
{
    private readonly SocketsHttpHandler handler = new() { CookieContainer = new CookieContainer(), AllowAutoRedirect = false };

    public PageBrowser(FlorinApp app)
    {
        Http = new HttpClient(handler) { BaseAddress = app.Http.BaseAddress };
        Http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public HttpClient Http { get; }

    public CookieCollection Cookies => handler.CookieContainer.GetCookies(Http.BaseAddress!);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Signed in by the form.</summary>
    public static async Task<PageBrowser> SignedInAsync(FlorinApp app, SignedIn person)
    {
        var browser = new PageBrowser(app);
        using var answer = await browser.SubmitAsync("/login", "/login", ("login", person.Person.Username!), ("password", SignedIn.Password));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return browser;
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(new Uri(path, UriKind.Relative), Cancel);

    public async Task<string> TextAsync(string path) => await (await GetAsync(path)).Content.ReadAsStringAsync(Cancel);

    /// <summary>Opens a page, and sends a form of it.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string action, params (string Name, string Value)[] fields) =>
        await PostAsync(action, [("form_token", TokenOf(await TextAsync(page))), .. fields]);

    /// <summary>Sends a form as it stands.</summary>
    public async Task<HttpResponseMessage> PostAsync(
        string action,
        IEnumerable<(string Name, string Value)> fields,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, action)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await Http.SendAsync(request, Cancel);
    }

    public static string TokenOf(string html) => FormToken().Match(html).Groups["token"].Value;

    public void Dispose()
    {
        Http.Dispose();
        handler.Dispose();
    }

    [GeneratedRegex("name=\"form_token\" value=\"(?<token>[^\"]+)\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FormToken();
}
