using System.Net;
using System.Net.Http.Headers;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Notifications;

/// <summary>A way out for messages. What it throws makes the message be tried again later.</summary>
internal interface IMessageSender
{
    /// <summary>Whether it takes messages of this channel.</summary>
    bool Takes(MessageChannel channel);

    /// <summary>Hands the message over.</summary>
    /// <exception cref="MessageRefusedException">Nobody will ever take it: trying again is useless.</exception>
    Task SendAsync(WrittenMessage message, CancellationToken cancel);
}

/// <summary>The other side refuses this message for good, such as an address that does not exist.</summary>
internal sealed class MessageRefusedException(string message) : Exception(message);

/// <summary>E-mail by SMTP with STARTTLS, as plain text and HTML (multipart/alternative).</summary>
internal sealed class SmtpSender(Settings settings) : IMessageSender
{
    public bool Takes(MessageChannel channel) => channel == MessageChannel.Email;

    public async Task SendAsync(WrittenMessage message, CancellationToken cancel)
    {
        if (settings.SmtpHost.Length == 0)
        {
            throw new InvalidOperationException("FLORIN_SMTP_HOST is not set");
        }

        if (!MailAddress.TryCreate(message.To, out var to))
        {
            throw new MessageRefusedException("the address is malformed");
        }

        using var mail = new MailMessage(new MailAddress(settings.SmtpFrom), to) { Subject = message.Subject, Body = message.Body };
        if (message.Html is not null)
        {
            var html = AlternateView.CreateAlternateViewFromString(message.Html, Encoding.UTF8, MediaTypeNames.Text.Html);
            html.TransferEncoding = TransferEncoding.QuotedPrintable; // no line is longer than SMTP takes
            mail.AlternateViews.Add(html);
        }

        mail.Headers.Add("Message-ID", $"<{message.Event}@{mail.From!.Host}>"); // the same at every try, so that a repeated one is known
        mail.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: nobody's absence note answers it
        using var client = new SmtpClient(settings.SmtpHost, settings.SmtpPort) { EnableSsl = settings.SmtpTls };
        if (settings.SmtpUser.Length > 0)
        {
            client.Credentials = new NetworkCredential(settings.SmtpUser, settings.SmtpPassword);
        }

        try
        {
            await client.SendMailAsync(mail, cancel);
        }
        catch (SmtpFailedRecipientException refused)
            when (refused.StatusCode is SmtpStatusCode.MailboxUnavailable or SmtpStatusCode.MailboxNameNotAllowed or SmtpStatusCode.UserNotLocalTryAlternatePath
            )
        {
            throw new MessageRefusedException($"the mail server refused the recipient ({(int)refused.StatusCode})");
        }
        catch (SmtpException fault) when (fault.InnerException is { } cause)
        {
            throw new SmtpException($"{fault.Message} {cause.Message}", fault); // why, such as a certificate that nobody vouches for
        }
    }
}

/// <summary>
/// Text messages by a provider over HTTP: <c>POST {"to", "text"}</c> with a bearer token. The event's position is sent as <c>Idempotency-Key</c>.
/// </summary>
internal sealed class SmsSender(Settings settings, IHttpClientFactory clients) : IMessageSender
{
    public bool Takes(MessageChannel channel) => channel == MessageChannel.Sms;

    public async Task SendAsync(WrittenMessage message, CancellationToken cancel)
    {
        if (settings.SmsUrl.Length == 0)
        {
            throw new InvalidOperationException("FLORIN_SMS_URL is not set");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, settings.SmsUrl)
        {
            Content = JsonContent.Create(new { to = message.To, text = message.Body }, options: Wire.Json),
        };
        request.Headers.Add(Idempotency.Header, message.Event.ToString());
        if (settings.SmsToken.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.SmsToken);
        }

        using var http = clients.CreateClient("sms");
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.UnprocessableEntity)
        {
            throw new MessageRefusedException($"the provider refused the message ({(int)answer.StatusCode})");
        }

        answer.EnsureSuccessStatusCode();
    }
}

/// <summary>Keeps messages for <c>/dev/outbox</c> in sandbox mode.</summary>
internal sealed class SandboxSender(IServiceScopeFactory scopes, TimeProvider clock) : IMessageSender
{
    public bool Takes(MessageChannel channel) => true;

    public async Task SendAsync(WrittenMessage message, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var position = message.Event.ToString();
        if (await db.KeptMessages.AnyAsync(kept => kept.Event == position, cancel))
        {
            return;
        }

        db.Add(
            new KeptMessage
            {
                Event = position,
                Person = message.Person,
                Channel = message.Channel == MessageChannel.Sms ? "sms" : "email",
                Recipient = message.To,
                Template = message.Template,
                Subject = message.Channel == MessageChannel.Sms ? null : message.Subject,
                Body = message.Body,
                Html = message.Html,
                CreatedAt = clock.GetUtcNow(),
            }
        );
        await db.SaveChangesAsync(cancel);
    }
}
