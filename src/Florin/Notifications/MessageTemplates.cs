using System.Collections.Frozen;
using Florin.Platform;

namespace Florin.Notifications;

/// <summary>A message in words, ready to leave.</summary>
/// <param name="Event">Its event in the outbox; the same at every try.</param>
/// <param name="Person">Whom it concerns.</param>
/// <param name="Channel">How it leaves.</param>
/// <param name="To">An e-mail address or a phone number in E.164.</param>
/// <param name="Template">Which text.</param>
/// <param name="Subject">Of an e-mail.</param>
/// <param name="Body">Plain text.</param>
/// <param name="Html">The same as HTML; null for a text message.</param>
internal sealed record WrittenMessage(
    OutboxPosition Event,
    Guid Person,
    MessageChannel Channel,
    string To,
    string Template,
    string Subject,
    string Body,
    string? Html
);

/// <summary>
/// The texts, in <c>Templates/</c>: <c>subject:</c>, <c>sms:</c> and, where people may choose about it, <c>kind:</c> (one of
/// <see cref="NoticeKinds"/>, or <c>security</c>); an empty line; the e-mail as <see cref="MessageText"/> reads it. <c>{name}</c> stands for a
/// value. No code stands in a subject, since mail servers log those.
/// </summary>
internal static class MessageTemplates
{
    private const string Generic = "generic";
    private const string Security = "security";
    private const int LongestSubject = 120;
    private static readonly FrozenDictionary<string, Template> Texts = Load();

    /// <summary>Names of all texts.</summary>
    internal static IReadOnlyCollection<string> Names => Texts.Keys;

    /// <summary>Names of the texts about the safety of an account, which are always sent.</summary>
    internal static IReadOnlyList<string> AlwaysSent { get; } =
    [.. Texts.Where(text => text.Value.Kind is Security).Select(text => text.Key).Order(StringComparer.Ordinal)];

    /// <summary>What a person chooses about when they choose about this text; null where there is no choice.</summary>
    internal static string? ChoiceOf(string template) => Texts.GetValueOrDefault(template)?.Kind is { } kind and not Security ? kind : null;

    /// <summary>Writes the message; a template that this version does not know becomes the generic one.</summary>
    internal static WrittenMessage Write(MessageRequest request, StoredEvent happened)
    {
        var text = Texts.GetValueOrDefault(request.Template) ?? Texts[Generic];
        var subject = MessageText.Fill(text.Subject, request.Values);
        subject = subject.Length > LongestSubject ? subject[..LongestSubject] + "…" : subject;
        var mail = request.Channel == MessageChannel.Email;
        return new WrittenMessage(
            happened.Position,
            happened.Aggregate,
            request.Channel,
            request.To,
            request.Template,
            subject,
            mail ? text.Email.Plain(request.Values, FooterOf(text.Kind)) : MessageText.Fill(text.Sms, request.Values),
            mail ? text.Email.Html(subject, request.Values, FooterOf(text.Kind)) : null
        );
    }

    private static string FooterOf(string? kind) =>
        kind switch
        {
            null => "",
            Security => "This is about the safety of your account, so such messages are always sent.",
            _ => "Which of these messages you get is your choice: see notifications in your account.",
        };

    private static FrozenDictionary<string, Template> Load()
    {
        const string folder = "Templates/";
        var assembly = typeof(MessageTemplates).Assembly;
        var texts = new Dictionary<string, Template>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var parts = reader.ReadToEnd().ReplaceLineEndings("\n").Split("\n\n", 2);
            var heads = parts[0].Split('\n').Select(line => line.Split(": ", 2)).ToDictionary(head => head[0], head => head[1], StringComparer.Ordinal);
            var email = new MessageText(parts[1]);
            texts.Add(resource[folder.Length..], new Template(heads["subject"], heads["sms"], heads.GetValueOrDefault("kind"), email));
        }

        return texts.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private sealed record Template(string Subject, string Sms, string? Kind, MessageText Email);
}
