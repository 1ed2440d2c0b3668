using System.Text.Json;
using Florin.Money;
using Florin.Platform;

namespace Florin.Vouchers;

/// <summary>Something that can be bought as a voucher.</summary>
internal sealed class VoucherType
{
    /// <summary>The prefix of public ids.</summary>
    public const string Prefix = "vty";

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The small integer id that the old clients see; made by the database.</summary>
    public long LegacyNumber { get; init; }

    /// <summary>Its permanent name for programs.</summary>
    public required string Code { get; init; }

    /// <summary>As buyers read it.</summary>
    public required string Name { get; set; }

    /// <summary>What it is good for.</summary>
    public required string Description { get; set; }

    /// <summary>Whoever verifies this service redeems it.</summary>
    public required string ServiceType { get; set; }

    /// <summary>Prices as JSON: minor units by currency.</summary>
    public required string Prices { get; set; }

    /// <summary>How many days from its sale a voucher is good.</summary>
    public required int ValidityDays { get; set; }

    /// <summary>How often a voucher can be redeemed.</summary>
    public required int Uses { get; set; }

    /// <summary>How many can still be sold; null for any number.</summary>
    public int? Stock { get; set; }

    /// <summary>Whether it is sold.</summary>
    public required bool Active { get; set; }

    /// <summary>The picture's name in the store.</summary>
    public string? Picture { get; init; }

    /// <summary>The picture's type.</summary>
    public string? PictureType { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>When it was taken out of the shop window for ever.</summary>
    public DateTimeOffset? RetiredAt { get; init; }

    /// <summary>The public id.</summary>
    public string PublicId => Ids.Show(Prefix, Id);

    /// <summary>Prices in minor units by currency.</summary>
    public IReadOnlyDictionary<string, long> PriceSums => JsonSerializer.Deserialize<SortedDictionary<string, long>>(Prices)!;

    /// <summary>Its price in a currency; null for none.</summary>
    public Amount? PriceIn(Currency currency) => PriceSums.TryGetValue(currency.Code, out var minor) ? new Amount(minor, currency) : null;

    /// <summary>Prices as they are kept.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static string PricesOf(IReadOnlyList<Amount>? prices)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var price in prices ?? [])
        {
            if (price.Minor < 1 || !sums.TryAdd(price.Currency.Code, price.Minor))
            {
                throw PlatformRefusals.InvalidRequest.Field("prices", "takes one price above zero per currency");
            }
        }

        return sums.Count > 0 ? JsonSerializer.Serialize(sums) : throw PlatformRefusals.InvalidRequest.Field("prices", "needs at least one price");
    }

    /// <summary>A code or a kind of service: 1 to 50 of a-z, 0-9 and _.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static string CleanCode(string field, string? text) =>
        text is { Length: > 0 and <= 50 } && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_')
            ? text
            : throw PlatformRefusals.InvalidRequest.Field(field, "must have 1 to 50 of a-z, 0-9 and _");

    /// <summary>A text for people.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static string CleanText(string field, string? text, int least, int most)
    {
        var clean = text?.Trim() ?? "";
        return clean.Length >= least && clean.Length <= most && !clean.Any(c => char.IsControl(c) && c is not '\n')
            ? clean
            : throw PlatformRefusals.InvalidRequest.Field(field, $"must be {least} to {most} characters without control characters");
    }

    /// <summary>A whole number within bounds.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static int Within(string field, int value, int least, int most) =>
        value >= least && value <= most ? value : throw PlatformRefusals.InvalidRequest.Field(field, $"must be from {least} to {most}");
}

/// <summary>A voucher type as it is answered.</summary>
/// <param name="Id"><c>vty_…</c></param>
/// <param name="Code">Its permanent name for programs.</param>
/// <param name="Name">As buyers read it.</param>
/// <param name="Description">What it is good for.</param>
/// <param name="ServiceType">The service that it pays for.</param>
/// <param name="Prices">One per currency.</param>
/// <param name="ValidityDays">How many days from its sale a voucher is good.</param>
/// <param name="Uses">How often a voucher can be redeemed.</param>
/// <param name="Stock">How many can still be sold; null for any number.</param>
/// <param name="Active">Whether it is sold.</param>
/// <param name="Picture">Where its picture is; null where there is none.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
/// <param name="RetiredAt">When it was taken out of the shop window for ever.</param>
public sealed record VoucherTypeView(
    string Id,
    string Code,
    string Name,
    string Description,
    string ServiceType,
    IReadOnlyList<Amount> Prices,
    int ValidityDays,
    int Uses,
    int? Stock,
    bool Active,
    string? Picture,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? RetiredAt
)
{
    internal static VoucherTypeView Of(VoucherType row) =>
        new(
            row.PublicId,
            row.Code,
            row.Name,
            row.Description,
            row.ServiceType,
            [.. row.PriceSums.Select(price => new Amount(price.Value, Currency.Of(price.Key)))],
            row.ValidityDays,
            row.Uses,
            row.Stock,
            row.Active,
            row.Picture is null ? null : $"/v1/voucher-types/{row.PublicId}/picture",
            row.CreatedAt,
            row.UpdatedAt,
            row.RetiredAt
        );
}
