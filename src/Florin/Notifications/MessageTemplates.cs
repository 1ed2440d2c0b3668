using System.Collections.Frozen;
using System.Text.RegularExpressions;
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
internal sealed record WrittenMessage(OutboxPosition Event, Guid Person, MessageChannel Channel, string To, string Template, string Subject, string Body);

/// <summary>
/// The texts, in <c>Templates/</c>: <c>subject:</c> and <c>sms:</c>, an empty line, the e-mail. <c>{name}</c> stands for a value. No code stands in a
/// subject, since mail servers log those.
/// </summary>
internal static partial class MessageTemplates
{
    private const string Generic = "generic";
    private static readonly FrozenDictionary<string, Text> Texts = Load();

    /// <summary>Names of all texts.</summary>
    internal static IReadOnlyCollection<string> Names => Texts.Keys;

    /// <summary>Writes the message; a template that this version does not know becomes the generic one.</summary>
    internal static WrittenMessage Write(MessageRequest request, StoredEvent happened)
    {
        var text = Texts.GetValueOrDefault(request.Template) ?? Texts[Generic];
        var body = Fill(request.Channel == MessageChannel.Sms ? text.Sms : text.Email, request.Values);
        return new WrittenMessage(happened.Position, happened.Aggregate, request.Channel, request.To, request.Template, text.Subject, body);
    }

    private static string Fill(string text, IReadOnlyDictionary<string, string> values) =>
        Place().Replace(text, place => values.GetValueOrDefault(place.Groups["name"].Value) ?? "").Trim();

    private static FrozenDictionary<string, Text> Load()
    {
        const string folder = "Templates/";
        var assembly = typeof(MessageTemplates).Assembly;
        var texts = new Dictionary<string, Text>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var parts = reader.ReadToEnd().ReplaceLineEndings("\n").Split("\n\n", 2);
            var heads = parts[0].Split('\n').Select(line => line.Split(": ", 2)).ToDictionary(head => head[0], head => head[1], StringComparer.Ordinal);
            texts.Add(resource[folder.Length..], new Text(heads["subject"], heads["sms"], parts[1]));
        }

        return texts.ToFrozenDictionary(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"\{(?<name>[a-z_]+)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();

    private sealed record Text(string Subject, string Sms, string Email);
}
