using System.Security.Cryptography;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>What a person holds to a reader at a till: a token that stands for one of their wallets.</summary>
internal sealed class Card
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "crd";

    /// <summary>How every token begins, so that scanners for leaked secrets find it.</summary>
    public const string Start = "flc_";

    /// <summary>What it is called where its owner is no more.</summary>
    public const string DefaultName = "Card";

    /// <summary>How many of them one person may have that are not revoked.</summary>
    public const int LiveAtMost = 10;

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its owner.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Which wallet pays.</summary>
    public required Guid WalletId { get; init; }

    /// <summary>What its owner calls it.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the token.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>Above it the PIN is asked: minor units of the wallet's currency.</summary>
    public required long PinLimit { get; init; }

    /// <summary>What it pays in a day (UTC) at most, with the PIN or without: minor units of the wallet's currency.</summary>
    public required long DayLimit { get; init; }

    /// <summary>How often it pays in a day at most.</summary>
    public required int DayPayments { get; init; }

    /// <summary>The last day on which it paid.</summary>
    public DateOnly? UsedOn { get; init; }

    /// <summary>What it paid on that day, in minor units.</summary>
    public long UsedSum { get; init; }

    /// <summary>How often it paid on that day.</summary>
    public int UsedPayments { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it paid last.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When its owner ended it.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>The currency of its limits, which is the wallet's.</summary>
    public required string Currency { get; init; }

    /// <summary>A fresh secret of 256 random bits.</summary>
    public static string NewToken(string start) => start + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is stored of a token. It has 256 random bits, so that a plain hash cannot be guessed from.</summary>
    public static byte[] HashOf(string token) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token));
}

/// <summary>A card as its owner sees it; never with its token.</summary>
/// <param name="Id"><c>crd_…</c></param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Wallet">Which wallet pays, <c>wal_…</c>.</param>
/// <param name="PinLimit">Above it the PIN is asked.</param>
/// <param name="DayLimit">What it pays in a day (UTC) at most.</param>
/// <param name="DayPayments">How often it pays in a day at most.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LastUsedAt">When it paid last.</param>
/// <param name="RevokedAt">When its owner ended it.</param>
internal sealed record CardView(
    string Id,
    string Name,
    string Wallet,
    Amount PinLimit,
    Amount DayLimit,
    int DayPayments,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt
)
{
    public static CardView Of(Card card)
    {
        var currency = Currency.Of(card.Currency);
        return new CardView(
            Ids.Show(Card.Prefix, card.Id),
            card.Name,
            Ids.Show(Wallets.Wallet.Prefix, card.WalletId),
            new Amount(card.PinLimit, currency),
            new Amount(card.DayLimit, currency),
            card.DayPayments,
            card.CreatedAt,
            card.LastUsedAt,
            card.RevokedAt
        );
    }
}
