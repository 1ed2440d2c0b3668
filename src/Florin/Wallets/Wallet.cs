using System.Security.Cryptography;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>A person's wallet in one currency. What it holds stands in the ledger alone.</summary>
public sealed class Wallet
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "wal";

    /// <summary>The name where none is given.</summary>
    public const string DefaultName = "My wallet";

    /// <summary>The longest name, in characters.</summary>
    public const int NameLength = 30;

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The small integer id that the old clients see; made by the database.</summary>
    public long LegacyNumber { get; init; }

    /// <summary>Its owner.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>The ledger's account.</summary>
    public required long AccountId { get; init; }

    /// <summary>The ISO 4217 code of its currency.</summary>
    public required string Currency { get; init; }

    /// <summary>Ten decimal digits, random and unique, by which others send money to it.</summary>
    public required string Number { get; init; }

    /// <summary>What its owner calls it.</summary>
    public required string Name { get; set; }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the next monthly fee is due.</summary>
    public required DateTimeOffset FeeNextDueAt { get; init; }

    /// <summary>When it was closed; null while it is open.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>What of it never changes.</summary>
    internal WalletFact Fact => new(Id, PersonId, AccountId, Money.Currency.Of(Currency), Number);

    /// <summary>A number for a new wallet: ten digits, each as likely as any other, so that numbers cannot be guessed in a row.</summary>
    internal static string NewNumber() => RandomNumberGenerator.GetString("0123456789", 10);

    /// <summary>The name as it is kept: trimmed, 1 to 30 characters, none of them a control character.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    internal static string CleanName(string name)
    {
        var clean = name.Trim();
        return clean.Length is > 0 and <= NameLength && !clean.Any(char.IsControl)
            ? clean
            : throw PlatformRefusals.InvalidRequest.Field("name", $"must be 1 to {NameLength} characters without control characters");
    }
}

/// <summary>What of a wallet never changes, so that it may be kept in memory.</summary>
/// <param name="Id">The wallet.</param>
/// <param name="Person">Its owner.</param>
/// <param name="Account">The ledger's account.</param>
/// <param name="Currency">Its currency.</param>
/// <param name="Number">Its ten digits.</param>
public sealed record WalletFact(Guid Id, Guid Person, long Account, Currency Currency, string Number)
{
    /// <summary>Its public id.</summary>
    public string PublicId => Ids.Show(Wallet.Prefix, Id);

    /// <summary>Refuses an amount in another currency than the wallet's.</summary>
    /// <exception cref="Refusal"><c>currency_mismatch</c></exception>
    internal void Demand(Amount amount)
    {
        if (amount.Currency != Currency)
        {
            throw Ledger.LedgerRefusals.CurrencyMismatch.With($"The amount must be in the wallet's currency, {Currency.Code}.");
        }
    }
}
