using System.Text.Json.Serialization;
using Florin.Money;
using Florin.Platform;

namespace Florin.Compat.VoucherApp;

/// <summary>Sales of vouchers, as <c>GET /v1/analytics/revenue?purpose=voucher</c> shows them.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record OldSales(
    IReadOnlyList<OldSales.Pair> Takings,
    IReadOnlyList<OldSales.Pair> Methods,
    IReadOnlyList<OldSales.At> Times,
    IReadOnlyList<OldSales.TypeSales> VoucherTypes
)
{
    /// <summary>A sum of the stretch of time.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    public sealed record Pair(string? Name, Sum Now);

    /// <summary>A sum of an hour or day.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    public sealed record At(DateTimeOffset Start, Sum Sum);

    /// <summary>What was paid and what went back.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    public sealed record Sum(Currency Currency, long Payments, Amount Gross, Amount Refunded)
    {
        /// <summary>What is left.</summary>
        public decimal Kept => EdgeFormats.Number(Gross with { Minor = Gross.Minor - Refunded.Minor });
    }

    /// <summary>One type's vouchers in one currency.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    public sealed record TypeSales(string Type, string Name, long Issued, long Redeemed, Amount Paid, Amount Refunded)
    {
        /// <summary>What is left of what was paid for them.</summary>
        public decimal Kept => EdgeFormats.Number(Paid with { Minor = Paid.Minor - Refunded.Minor });
    }

    /// <summary>Reads them.</summary>
    /// <param name="api">The way to <c>/v1</c>.</param>
    /// <param name="stretch">Such as <c>period=7d</c>.</param>
    public static Task<OldSales> ReadAsync(EdgeApi api, string stretch) => api.GetAsync<OldSales>("/v1/analytics/revenue?purpose=voucher&" + stretch);

    /// <summary>What was taken in a currency, less what went back.</summary>
    public decimal Kept(Currency currency) => Takings.Where(one => one.Now.Currency == currency).Sum(one => one.Now.Kept);

    /// <summary>The currency that figures are asked for in: the system had one only, and sums over several mean nothing.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c> on <c>currency</c></exception>
    public static Currency CurrencyOf(HttpRequest request, Settings settings)
    {
        var asked = request.Query["currency"].ToString();
        return asked.Length == 0 ? settings.DefaultCurrency
            : Currency.TryParse(asked.ToUpperInvariant(), out var currency) ? currency
            : throw PlatformRefusals.InvalidRequest.Field("currency", "Not a currency.");
    }
}
