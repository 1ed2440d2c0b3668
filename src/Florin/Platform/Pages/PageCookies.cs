namespace Florin.Platform.Pages;

/// <summary>How the cookies of pages are given: never to scripts, and over TLS only where this installation is reached by TLS.</summary>
public static class PageCookies
{
    /// <summary>Whether browsers reach us by TLS, also where a proxy in front takes it off.</summary>
    public static bool Secure(HttpContext http) =>
        http.Request.IsHttps || http.RequestServices.GetRequiredService<Settings>().PublicUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The options of a cookie.</summary>
    /// <param name="http">The request.</param>
    /// <param name="life">How long browsers keep it; null for one that is taken away.</param>
    /// <param name="sameSite">Strict where no link from elsewhere needs it.</param>
    public static CookieOptions Options(HttpContext http, TimeSpan? life, SameSiteMode sameSite = SameSiteMode.Lax) =>
        new()
        {
            HttpOnly = true,
            SameSite = sameSite,
            Secure = Secure(http),
            Path = "/",
            MaxAge = life,
            IsEssential = true,
        };
}
