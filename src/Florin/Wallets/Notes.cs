using System.Text.Json;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>What people write beside a payment.</summary>
internal static class Notes
{
    /// <summary>The longest note, in characters; what a bank's statement (ISO 20022 Max140Text) carries.</summary>
    public const int Length = 140;

    /// <summary>The note as it is kept: trimmed, null where empty, without control characters.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static string? Clean(string? note)
    {
        if (string.IsNullOrWhiteSpace(note))
        {
            return null;
        }

        foreach (var c in note)
        {
            if (char.IsControl(c))
            {
                throw PlatformRefusals.InvalidRequest.Field("note", "must not contain control characters or line breaks");
            }
        }

        return note.Trim();
    }

    /// <summary>The note as metadata of a posting.</summary>
    public static string? Metadata(string? note) => note is null ? null : JsonSerializer.Serialize(new PostingFacts { Note = note }, PostingFacts.Json);
}
