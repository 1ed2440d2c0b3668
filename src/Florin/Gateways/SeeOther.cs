namespace Florin.Gateways;

/// <summary>303: the browser goes on to a page of ours with GET, whatever it came with.</summary>
/// <param name="Path">Relative, so that it never leads elsewhere.</param>
internal sealed record SeeOther(string Path) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = Path;
        return Task.CompletedTask;
    }
}
