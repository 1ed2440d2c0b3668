using System.Text;
using System.Text.Encodings.Web;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Notifications;

/// <summary>Shows what a sandbox would have sent, newest first: JSON, or a page where a browser asks. There is no such route in live mode.</summary>
internal static class ListSentMessages
{
    /// <summary>The prefix of a kept message's public id.</summary>
    internal const string Prefix = "msg";

    private const int Limit = 100;

    /// <summary>One message.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Channel"><c>email</c> or <c>sms</c>.</param>
    /// <param name="To">The recipient.</param>
    /// <param name="Template">Which text.</param>
    /// <param name="Subject">Of an e-mail.</param>
    /// <param name="Body">Plain text.</param>
    /// <param name="Html">The same as HTML; null for a text message.</param>
    /// <param name="At">When it would have left.</param>
    public sealed record Message(string Id, string Channel, string To, string Template, string? Subject, string Body, string? Html, DateTimeOffset At);

    /// <summary>The newest messages.</summary>
    /// <param name="Data">At most 100.</param>
    public sealed record Response(IReadOnlyList<Message> Data);

    internal static void Map(WebApplication app) => app.MapGet("/dev/outbox", HandleAsync).AllowAnonymous().Produces<Response>();

    private static async Task<IResult> HandleAsync(HttpContext http, FlorinDb db, string? to, CancellationToken cancel)
    {
        var kept = await db
            .KeptMessages.AsNoTracking()
            .Where(message => to == null || message.Recipient == to)
            .OrderByDescending(message => message.Id)
            .Take(Limit)
            .ToListAsync(cancel);
        List<Message> messages =
        [
            .. kept.Select(m => new Message(Ids.Show(Prefix, m.Id), m.Channel, m.Recipient, m.Template, m.Subject, m.Body, m.Html, m.CreatedAt)),
        ];
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Vary = "Accept";
        return http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal)
            ? Results.Content(Page(messages), "text/html; charset=utf-8")
            : Results.Json(new Response(messages), Wire.Json);
    }

    private static string Page(List<Message> messages)
    {
        var html = HtmlEncoder.Default;
        var page = new StringBuilder(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sandbox outbox</title><h1>Sandbox outbox</h1>"
                + "<p>Messages that would have been sent. Nothing leaves a sandbox.</p>"
        );
        foreach (var message in messages)
        {
            page.Append("<hr><p>")
                .Append(html.Encode($"{message.At:u} · {message.Channel} · {message.To} · {message.Template}"))
                .Append("</p><h2>")
                .Append(html.Encode(message.Subject ?? "Text message"))
                .Append("</h2><pre>")
                .Append(html.Encode(message.Body))
                .Append("</pre>")
                .Append(message.Html is null ? "" : $"<p><a href=\"/dev/outbox/{message.Id}\">as HTML</a></p>");
        }

        return page.Append("</html>").ToString();
    }
}
