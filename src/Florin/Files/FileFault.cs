namespace Florin.Files;

/// <summary>A file cannot be worked on, now or ever: it fails with a permanent reason, and its credit is given back.</summary>
/// <param name="reason">One of <see cref="Texts"/>.</param>
internal sealed class FileFault(string reason) : Exception(reason)
{
    /// <summary>Every reason, with one sentence for a person.</summary>
    public static readonly IReadOnlyDictionary<string, string> Texts = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["not_text"] = "This is no text in UTF-8 or UTF-16. Save it anew in one of these, and send it again.",
        ["not_docx"] = "This is no Word document (DOCX).",
        ["damaged"] = "The file is damaged or was cut off.",
        ["too_much_inside"] = "The file unpacks to more than is allowed.",
        ["forbidden_markup"] = "The document holds markup that is not allowed (a document type declaration).",
        ["content_lost"] = "The stored file is not what was sent, or is gone.",
        ["too_many_tries"] = "The work did not end after several tries.",
    };

    /// <summary>The permanent reason.</summary>
    public string Reason { get; } = Texts.ContainsKey(reason) ? reason : throw new ArgumentException("not a known reason", nameof(reason));

    /// <summary>No text.</summary>
    public static FileFault NotText() => new("not_text");

    /// <summary>No document of Word.</summary>
    public static FileFault NotDocx() => new("not_docx");

    /// <summary>Damaged or cut off.</summary>
    public static FileFault Damaged() => new("damaged");

    /// <summary>More bytes, parts or depth than is allowed.</summary>
    public static FileFault TooMuch() => new("too_much_inside");
}
