using Florin.Notifications.Pages;
using Florin.Platform;
using Florin.Platform.Pages;
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

    internal static void Map(WebApplication app) => app.MapGet("/dev/outbox", HandleAsync).AllowAnonymous().WithMetadata(PageRoute.Mark).Produces<Response>();

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
            ? PageAnswers.Page<SentMessages>(new SentMessages.Facts([.. messages.Select(Shown)]))
            : Results.Json(new Response(messages), Wire.Json);
    }

    private static SentMessages.Sent Shown(Message message) =>
        new(
            message.Channel,
            message.To,
            message.Template,
            message.Subject,
            message.Body,
            message.Html is null ? null : "/dev/outbox/" + message.Id,
            message.At
        );
}
