using System.Text.Json;
using Florin.Money;
using Florin.Platform;

namespace Florin.Vouchers;

/// <summary>What makes a purchase of vouchers cheaper: a share of the whole, or a sum off it.</summary>
internal sealed class VoucherDiscount
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "vds";

    public required Guid Id { get; init; }

    public required string Code { get; init; }

    public required string Description { get; init; }

    public int? PercentBps { get; init; }

    public string? Amounts { get; init; }

    public Guid[]? Types { get; init; }

    public required DateTimeOffset ValidFrom { get; init; }

    public required DateTimeOffset ValidUntil { get; init; }

    public int? MaxUses { get; init; }

    public int? MaxPerPerson { get; init; }

    public int Uses { get; init; }

    public required bool Active { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Sums by currency; empty for a share.</summary>
    public IReadOnlyDictionary<string, long> Sums =>
        Amounts is null ? new SortedDictionary<string, long>(StringComparer.Ordinal) : JsonSerializer.Deserialize<SortedDictionary<string, long>>(Amounts)!;

    /// <summary>A code as it is kept: capitals, 3 to 50 of A-Z, 0-9, - and _; null where it is none.</summary>
    public static string? Clean(string? code)
    {
        var clean = code?.Trim().ToUpperInvariant();
        return clean is { Length: >= 3 and <= 50 } && clean.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c is '-' or '_') ? clean : null;
    }

    /// <summary>
    /// What it takes off, in minor units: a share is rounded down. One minor unit at least stays to be paid, so that no price is ever zero or below.
    /// </summary>
    /// <exception cref="Refusal"><c>discount_not_valid</c>: not for this type, currency or time</exception>
    public long Off(Amount total, Guid type, DateTimeOffset now)
    {
        if (!Active || now < ValidFrom || now >= ValidUntil || (Types is not null && !Types.Contains(type)))
        {
            throw VouchersRefusals.DiscountNotValid.With();
        }

        var off =
            PercentBps is { } share ? (long)((Int128)total.Minor * share / 10_000)
            : Sums.TryGetValue(total.Currency.Code, out var sum) ? sum
            : throw VouchersRefusals.DiscountNotValid.With();
        return Math.Min(off, total.Minor - 1);
    }
}

/// <summary>A discount as staff see it.</summary>
/// <param name="Id"><c>vds_…</c></param>
/// <param name="Code">What buyers type.</param>
/// <param name="Description">For staff.</param>
/// <param name="PercentBps">Hundredths of a per cent; null where it is a sum.</param>
/// <param name="Amounts">Sums off the whole purchase, one per currency; empty where it is a share.</param>
/// <param name="Types">For which types, <c>vty_…</c>; null for all.</param>
/// <param name="ValidFrom">From when on.</param>
/// <param name="ValidUntil">Until before when.</param>
/// <param name="MaxUses">In how many purchases at most; null for any number.</param>
/// <param name="MaxPerPerson">In how many of one person.</param>
/// <param name="Uses">In how many it was used.</param>
/// <param name="Active">Whether it can be used.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record VoucherDiscountView(
    string Id,
    string Code,
    string Description,
    int? PercentBps,
    IReadOnlyList<Amount> Amounts,
    IReadOnlyList<string>? Types,
    DateTimeOffset ValidFrom,
    DateTimeOffset ValidUntil,
    int? MaxUses,
    int? MaxPerPerson,
    int Uses,
    bool Active,
    DateTimeOffset CreatedAt
)
{
    internal static VoucherDiscountView Of(VoucherDiscount row) =>
        new(
            Ids.Show(VoucherDiscount.Prefix, row.Id),
            row.Code,
            row.Description,
            row.PercentBps,
            [.. row.Sums.Select(sum => new Amount(sum.Value, Currency.Of(sum.Key)))],
            row.Types?.Select(type => Ids.Show(VoucherType.Prefix, type)).ToList(),
            row.ValidFrom,
            row.ValidUntil,
            row.MaxUses,
            row.MaxPerPerson,
            row.Uses,
            row.Active,
            row.CreatedAt
        );
}
