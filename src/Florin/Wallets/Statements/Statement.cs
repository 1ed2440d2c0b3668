using System.Text.Json;
using Florin.Ledger;
using Florin.Money;

namespace Florin.Wallets;

/// <summary>What stands above the entries of a statement, in whatever format.</summary>
/// <param name="WalletNumber">The wallet's ten digits.</param>
/// <param name="OwnerName">Whose it is, as a person wrote it.</param>
/// <param name="Currency">The wallet's currency.</param>
/// <param name="From">The first moment of the period; entries are chosen by when they were booked.</param>
/// <param name="To">The first moment after the period.</param>
/// <param name="OpeningBalance">Minor units before the first entry.</param>
/// <param name="ClosingBalance">Minor units after the last entry.</param>
/// <param name="CreatedAt">When the statement was made.</param>
internal sealed record Statement(
    string WalletNumber,
    string OwnerName,
    Currency Currency,
    DateTimeOffset From,
    DateTimeOffset To,
    long OpeningBalance,
    long ClosingBalance,
    DateTimeOffset CreatedAt
)
{
    /// <summary>Names this statement to those who read it in.</summary>
    public Guid Id { get; init; } = Platform.Ids.New();

    /// <summary>What an entry was for, in a line: kind, reference and the payer's note (<c>note</c> in the posting's metadata), as far as there are any.</summary>
    public static string Describe(EntryView entry) =>
        string.Join(' ', new[] { entry.Kind, entry.Reference, NoteOf(entry.Metadata) }.Where(part => !string.IsNullOrEmpty(part)));

    /// <summary>The payer's note, if there is one.</summary>
    public static string? NoteOf(string? metadata)
    {
        if (metadata is null)
        {
            return null;
        }

        using var json = JsonDocument.Parse(metadata);
        return
            json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("note", out var note)
            && note.ValueKind == JsonValueKind.String
            ? note.GetString()
            : null;
    }
}
