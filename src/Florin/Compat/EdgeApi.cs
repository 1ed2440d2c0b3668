using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat;

/// <summary>
/// The old routes' way to <c>/v1</c>, in this process: every rule, limit, idempotency and activity row is there and none here. One per request.
/// </summary>
internal sealed class EdgeApi(PageApi api, PageContext page)
{
    /// <summary>How many rows a list without paging has at most, newest first.</summary>
    public const int MostRows = 1_000;

    private const int RowsPerCall = 100;

    /// <summary>Who asks, <c>usr_…</c>.</summary>
    public string Person => Ids.Show("usr", page.Caller!.Person);

    /// <summary>Reads.</summary>
    public Task<T> GetAsync<T>(string path) => api.GetAsync<T>(path);

    /// <summary>Changes something, under the key that the old client gave, or one that counts for this request only.</summary>
    /// <param name="method">POST, PUT, PATCH or DELETE.</param>
    /// <param name="path">With its query.</param>
    /// <param name="body">Sent as JSON; null for none.</param>
    /// <param name="step">Tells the calls of one request apart, where it makes several.</param>
    public Task<T> SendAsync<T>(string method, string path, object? body = null, string step = "") => api.SendAsync<T>(method, path, body, Key(step));

    /// <summary>The same, where the answer is not wanted.</summary>
    public Task SendAsync(string method, string path, object? body = null, string step = "") => api.SendAsync(method, path, body, Key(step));

    /// <summary>The same with a body of any type.</summary>
    public async Task<T> SendAsync<T>(string method, string path, Stream body, string contentType, string step = "") =>
        (await api.SendAsync(method, path, body, contentType, Key(step))).Read<T>();

    /// <summary>Sends a body of any type, where the answer is not wanted and may lead elsewhere.</summary>
    public Task PostAsync(string path, Stream body, string contentType) => api.SendAsync("POST", path, body, contentType, Key("post"));

    /// <summary>Passes an answer's body on while it comes.</summary>
    public Task<IResult> PassAsync(string path) => api.PassAsync(path);

    /// <summary>
    /// The newest rows of a list. Where there are more, <c>X-List-Bounded</c> says how many these are and <c>Link</c> (RFC 8288) where the next ones are.
    /// </summary>
    /// <param name="path">A list of <c>/v1</c>, with its query.</param>
    public async Task<List<T>> NewestAsync<T>(string path)
    {
        var rows = new List<T>();
        string? cursor = null;
        do
        {
            var answer = await api.GetAsync<Page<T>>(Paged(path, cursor));
            rows.AddRange(answer.Data);
            cursor = answer.NextCursor;
        } while (cursor is not null && rows.Count < MostRows);
        if (cursor is not null)
        {
            var headers = page.Http.Response.Headers;
            headers["X-List-Bounded"] = MostRows.ToString(CultureInfo.InvariantCulture);
            headers.Link = $"<{Paged(path, cursor)}>; rel=\"next\"";
        }

        return rows;
    }

    private static string Paged(string path, string? cursor) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={RowsPerCall}")
        + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor));

    private string Key(string step)
    {
        var given = page.Http.Request.Headers[Idempotency.Header].ToString();
        if (given.Length == 0)
        {
            return Ids.New().ToString("N");
        }

        // An old route's key must not meet one that the same person uses with /v1; and a key that is too long there is too long here.
        return given.Length > 255
            ? throw PlatformRefusals.IdempotencyKeyMissing.With()
            : "compat-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{page.Http.Request.Path.Value?.TrimEnd('/')}\n{step}\n{given}")));
    }
}
