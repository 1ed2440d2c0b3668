using System.Numerics;
using System.Text.Json;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>Where a shop's money may go.</summary>
internal sealed class BankAccount
{
    /// <summary>The prefix of its public id.</summary>
    public const string Prefix = "bnk";

    /// <summary>How many of them a shop may have that are not closed.</summary>
    public const int LiveAtMost = 10;

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose.</summary>
    public required Guid ShopId { get; init; }

    /// <summary>Masked, as it is shown for ever after.</summary>
    public required string Shown { get; init; }

    /// <summary>Holder and numbers, encrypted; null once it is closed.</summary>
    public required byte[]? Sealed { get; init; }

    /// <summary>Who entered it.</summary>
    public required Guid AddedBy { get; init; }

    /// <summary>When it was entered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was closed, and its numbers were erased.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Its public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>The encrypted form of the numbers of one account.</summary>
    public static byte[] Seal(Secrets secrets, Guid id, BankNumbers numbers) =>
        secrets.Encrypt(JsonSerializer.SerializeToUtf8Bytes(numbers, Wire.Json), ContextOf(id));

    /// <summary>The numbers; null once they are erased.</summary>
    public BankNumbers? Open(Secrets secrets) =>
        Sealed is null ? null : JsonSerializer.Deserialize<BankNumbers>(secrets.Decrypt(Sealed, ContextOf(Id)), Wire.Json);

    /// <summary>For <c>./florin rotate-keys</c>.</summary>
    public static SealedColumn SealedNumbers => new("shops.bank_accounts", "sealed", ["id"], static row => ContextOf(Guid.Parse(row[0])));

    private static string ContextOf(Guid id) => $"shops.bank_accounts/{id:N}";
}

/// <summary>What a bank needs to pay to an account: an IBAN, or an account number and the bank's code.</summary>
/// <param name="Holder">Whose account it is.</param>
/// <param name="Iban">Without blanks.</param>
/// <param name="Account">The account number, where there is no IBAN.</param>
/// <param name="BankCode">The bank's code (BIC, sort code, routing number), where there is no IBAN.</param>
internal sealed record BankNumbers(string Holder, string? Iban, string? Account, string? BankCode)
{
    /// <summary>The numbers as they are kept, if they can be right.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static BankNumbers Read(string holder, string? iban, string? account, string? bankCode)
    {
        var name = holder.Trim();
        if (name.Length is 0 or > 100 || name.Any(char.IsControl))
        {
            throw PlatformRefusals.InvalidRequest.Field("holder", "must have 1 to 100 characters, none of them a control character");
        }

        if (iban is not null)
        {
            var clean = Compact(iban);
            return account is not null || bankCode is not null
                    ? throw PlatformRefusals.InvalidRequest.Field("iban", "stands alone; leave account and bank_code out")
                : IsIban(clean) ? new BankNumbers(name, clean, null, null)
                : throw PlatformRefusals.InvalidRequest.Field("iban", "is not a valid IBAN; check its digits");
        }

        var number = Compact(account ?? "");
        var code = Compact(bankCode ?? "");
        return number.Length is < 4 or > 34 || !number.All(char.IsAsciiLetterOrDigit)
                ? throw PlatformRefusals.InvalidRequest.Field("account", "give an iban, or an account of 4 to 34 letters and digits")
            : code.Length is < 3 or > 15 || !code.All(char.IsAsciiLetterOrDigit)
                ? throw PlatformRefusals.InvalidRequest.Field("bank_code", "must have 3 to 15 letters and digits")
            : new BankNumbers(name, null, number, code);
    }

    /// <summary>Country or bank code, and the last four characters of the number.</summary>
    public string Masked() => Iban is not null ? $"{Iban[..2]} •••• {Iban[^4..]}" : $"{BankCode} •••• {(Account!.Length > 7 ? Account[^4..] : Account[^2..])}";

    // ISO 13616: with the first four characters put last and letters read as 10 to 35, the remainder by 97 is 1.
    private static bool IsIban(string text)
    {
        if (
            text.Length is < 15 or > 34
            || !text.All(char.IsAsciiLetterOrDigit)
            || !char.IsAsciiLetterUpper(text[0])
            || !char.IsAsciiLetterUpper(text[1])
            || !char.IsAsciiDigit(text[2])
            || !char.IsAsciiDigit(text[3])
        )
        {
            return false;
        }

        var rest = BigInteger.Zero;
        foreach (var c in text[4..] + text[..4])
        {
            rest = char.IsAsciiDigit(c) ? (rest * 10) + (c - '0') : (rest * 100) + (c - 'A' + 10);
        }

        return rest % 97 == 1;
    }

    private static string Compact(string text) => text.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
}

/// <summary>A bank account as the owner sees it: masked.</summary>
/// <param name="Id"><c>bnk_…</c></param>
/// <param name="Shown">Country or bank code, and the last four.</param>
/// <param name="CreatedAt">When it was entered.</param>
/// <param name="ClosedAt">When it was closed.</param>
internal sealed record BankAccountView(string Id, string Shown, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt)
{
    public static BankAccountView Of(BankAccount account) => new(account.PublicId, account.Shown, account.CreatedAt, account.ClosedAt);
}
