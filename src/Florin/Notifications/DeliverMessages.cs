using System.Diagnostics.Metrics;
using Florin.Platform;

namespace Florin.Notifications;

/// <summary>Sends the messages that other modules requested, and erases their secrets then. Codes too old to be of use are not sent any more.</summary>
internal sealed partial class DeliverMessages(
    Secrets secrets,
    OutboxReader outbox,
    IEnumerable<IMessageSender> senders,
    TimeProvider clock,
    ILogger<DeliverMessages> log
)
{
    private static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);
    private static readonly Meter Meter = new("Florin.Notifications");
    private static readonly Counter<long> Messages = Meter.CreateCounter<long>(
        "florin.notifications.messages",
        description: "Messages by channel and outcome: sent, refused, expired."
    );

    /// <summary>The consumer that does it.</summary>
    internal static OutboxConsumer Consumer =>
        new(
            "notifications.messages",
            [MessageRequest.Topic],
            FromBeginning: true,
            (services, happened, cancel) => services.GetRequiredService<DeliverMessages>().DeliverAsync(happened, cancel)
        )
        {
            Parallel = 8,
        };

    private async Task DeliverAsync(StoredEvent happened, CancellationToken cancel)
    {
        if (await outbox.SecretAsync(happened.Position, cancel) is not { } secret)
        {
            return; // it was sent before, and the server died before it could say so
        }

        var request = MessageRequest.Open(secrets, secret);
        var outcome = "expired";
        if (clock.GetUtcNow() - happened.CreatedAt <= (request.Values.ContainsKey("code") ? CodeLife : Life))
        {
            outcome = await SendAsync(MessageTemplates.Write(request, happened), cancel);
        }

        await outbox.EraseSecretAsync(happened.Position, CancellationToken.None);
        Messages.Add(1, new("channel", request.Channel.ToString()), new("outcome", outcome));
        LogMessage(request.Template, request.Channel, happened.Aggregate, outcome);
    }

    private async Task<string> SendAsync(WrittenMessage message, CancellationToken cancel)
    {
        try
        {
            foreach (var sender in senders.Where(sender => sender.Takes(message.Channel)))
            {
                await sender.SendAsync(message, cancel);
            }

            return "sent";
        }
        catch (MessageRefusedException refused)
        {
            LogRefused(message.Template, message.Channel, message.Person, refused.Message);
            return "refused";
        }
    }

    [LoggerMessage(LogLevel.Information, "message {Template} by {Channel} to person {Person}: {Outcome}")]
    private partial void LogMessage(string template, MessageChannel channel, Guid person, string outcome);

    [LoggerMessage(LogLevel.Warning, "message {Template} by {Channel} to person {Person} is refused for good: {Reason}")]
    private partial void LogRefused(string template, MessageChannel channel, Guid person, string reason);
}
