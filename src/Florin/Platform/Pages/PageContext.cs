using System.Globalization;
using Florin.Money;
using Microsoft.AspNetCore.Antiforgery;

namespace Florin.Platform.Pages;

/// <summary>What every part of a page may ask: who reads it, in which language, and how things are shown to them. One per request.</summary>
public sealed class PageContext(Settings settings, TimeProvider clock, IAntiforgery antiforgery)
{
    private const string LanguageCookie = "florin_language";
    private const string ThemeCookie = "florin_theme";
    private static readonly TimeSpan KeepChoice = TimeSpan.FromDays(365);
    private string? formToken;

    /// <summary>The request.</summary>
    public HttpContext Http { get; private set; } = null!;

    /// <summary>Who is signed in; null for nobody.</summary>
    public Caller? Caller => Caller.TryGet(Http.User);

    /// <summary>The reader's language and formats.</summary>
    public CultureInfo Culture { get; private set; } = PageTexts.Languages[0];

    /// <summary>What the reader chose: <c>dark</c>, <c>light</c>, or nothing for what their device says.</summary>
    public string? Theme { get; private set; }

    /// <summary>Whether no real money moves here.</summary>
    public bool Sandbox => settings.Sandbox;

    /// <summary>The time.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>The path that was asked for, with its query.</summary>
    public string Address => Http.Request.Path + Http.Request.QueryString;

    /// <summary>What a form of ours carries.</summary>
    public string FormToken => formToken ??= antiforgery.GetAndStoreTokens(Http).RequestToken!;

    /// <summary>A text in the reader's language; English texts are their own names.</summary>
    public string T(string text) => PageTexts.In(Culture, text);

    /// <summary>A text with places for values, which are shown in the reader's formats.</summary>
    public string T(string text, params object?[] values) =>
        string.Format(Culture, PageTexts.In(Culture, text), [.. values.Select(value => value is Amount amount ? Show(amount) : value)]);

    /// <summary>An amount in the reader's format, with its currency's code.</summary>
    public string Show(Amount amount) => $"{Number(amount)} {amount.Currency.Code}";

    /// <summary>An amount in the reader's format, without its currency.</summary>
    public string Number(Amount amount)
    {
        var exact = decimal.Parse(amount.ToDecimalString(), CultureInfo.InvariantCulture);
        return exact.ToString("N" + amount.Currency.Digits.ToString(CultureInfo.InvariantCulture), Culture);
    }

    /// <summary>A rate of exchange in the reader's format, to eight places.</summary>
    /// <param name="exact">A decimal as the API writes it.</param>
    public string Rate(string exact) => decimal.Parse(exact, CultureInfo.InvariantCulture).ToString("#,0.########", Culture);

    /// <summary>Reads what the reader chose.</summary>
    internal void Begin(HttpContext http)
    {
        Http = http;
        Culture = PageTexts.Choose(http.Request.Cookies[LanguageCookie], http.Request.GetTypedHeaders().AcceptLanguage);
        Theme = http.Request.Cookies[ThemeCookie] is "dark" or "light" ? http.Request.Cookies[ThemeCookie] : null;
    }

    /// <summary>Keeps a choice of language.</summary>
    internal void KeepLanguage(string language) => Keep(LanguageCookie, language);

    /// <summary>Keeps a choice of theme.</summary>
    internal void KeepTheme(string theme) => Keep(ThemeCookie, theme);

    private void Keep(string cookie, string value) => Http.Response.Cookies.Append(cookie, value, PageCookies.Options(Http, KeepChoice));
}
