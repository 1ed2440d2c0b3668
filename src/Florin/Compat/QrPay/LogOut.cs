using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat.QrPay;

/// <summary><c>POST /api/logout</c>, of the original's first version: the session ends, for good and everywhere, and the cookie goes.</summary>
internal static class LogOut
{
    internal static void Map(RouteGroupBuilder api) => api.MapPost("/logout", HandleAsync).RequireAuthorization(Policies.Person);

    private static async Task<IResult> HandleAsync(HttpContext http, EdgeApi api)
    {
        await api.SendAsync("DELETE", "/v1/sessions/current");
        http.Response.Cookies.Delete(EdgeRoute.TokenCookie, PageCookies.Options(http, life: null));
        return Results.Text("null", "application/json");
    }
}
