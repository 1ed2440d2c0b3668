using System.Text.Json;

namespace Florin.Platform;

/// <summary>How a message reaches a person.</summary>
public enum MessageChannel
{
    /// <summary>By e-mail.</summary>
    Email,

    /// <summary>By text message.</summary>
    Sms,
}

/// <summary>A message to a person, such as one with a code. It leaves through the outbox, encrypted until sent.</summary>
/// <param name="Channel">How.</param>
/// <param name="To">An e-mail address, or a phone number in E.164.</param>
/// <param name="Template">Which text: <c>registration_code</c>, <c>password_code</c>, <c>password_reset_code</c>, <c>welcome</c> …</param>
/// <param name="Values">What the text needs, such as <c>code</c>.</param>
public sealed record MessageRequest(MessageChannel Channel, string To, string Template, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>The outbox topic of messages.</summary>
    public const string Topic = "platform.message_requested";

    /// <summary>The event that sends it. The payload says only which template; everything else is sealed.</summary>
    /// <param name="secrets">Seals it.</param>
    /// <param name="person">Whom it concerns; their messages leave in order.</param>
    public OutboxEvent Event(Secrets secrets, Guid person) =>
        new(
            Topic,
            person,
            JsonSerializer.Serialize(new { template = Template }, Wire.Json),
            [],
            secrets.Encrypt(JsonSerializer.SerializeToUtf8Bytes(this, Wire.Json), Topic)
        );

    /// <summary>Opens what <see cref="Event"/> sealed.</summary>
    public static MessageRequest Open(Secrets secrets, byte[] secret) => JsonSerializer.Deserialize<MessageRequest>(secrets.Decrypt(secret, Topic), Wire.Json)!;
}
