using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Florin.Platform.Pages;

/// <summary>What pages answer.</summary>
public static class PageAnswers
{
    /// <summary>A page: a component, with what it shows.</summary>
    /// <param name="model">Its <c>Model</c> parameter.</param>
    /// <param name="status">HTTP status; 422 where a form is shown again with what is wrong.</param>
    public static IResult Page<TComponent>(object? model = null, int status = StatusCodes.Status200OK)
        where TComponent : IComponent =>
        new RazorComponentResult<TComponent>(model is null ? new Dictionary<string, object?>() : new Dictionary<string, object?> { ["Model"] = model })
        {
            StatusCode = status,
            PreventStreamingRendering = true,
        };

    /// <summary>To another page of ours, by GET.</summary>
    /// <param name="path">Relative to this site; anything else leads to the start.</param>
    public static IResult Go(string? path) => Results.Redirect(OwnPath(path) ?? "/", permanent: false, preserveMethod: false);

    /// <summary>A path of this site; null for anything that would lead elsewhere (H2).</summary>
    public static string? OwnPath(string? path) =>
        path is ['/', ..]
        && path is not ['/', '/' or '\\', ..]
        && !path.Contains('\\', StringComparison.Ordinal)
        && !path.Any(char.IsControl)
        && Uri.IsWellFormedUriString(path, UriKind.Relative)
            ? path
            : null;

    /// <summary>Answers a refusal of a page with a page; signed-out readers are led to the sign-in and back.</summary>
    internal static Task RefuseAsync(HttpContext http, int status, string code, string title, string? detail)
    {
        if (status == StatusCodes.Status401Unauthorized)
        {
            var to = HttpMethods.IsGet(http.Request.Method) ? "?redirect=" + Uri.EscapeDataString(http.Request.Path + http.Request.QueryString) : "";
            http.Response.Redirect("/login" + to);
            return Task.CompletedTask;
        }

        return Page<RefusalPage>(new RefusalPage.Facts(status, code, title, detail), status).ExecuteAsync(http);
    }
}
