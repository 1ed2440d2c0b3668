using System.Text.Json;
using Florin.Money;

namespace Florin.Fx;

/// <summary>Asks exchangerate-api.com, or whoever speaks its v4 JSON: <c>{"base":"USD","date":…,"rates":{"KZT":510.2,…}}</c>.</summary>
/// <param name="http">With the provider's address, a time-out and a limit on the answer's size.</param>
internal sealed class RateProvider(HttpClient http)
{
    /// <summary>The answer's largest size in bytes; the real one has about 3,000.</summary>
    public const int MaxAnswer = 1 << 20;

    private const decimal Least = 0.000_000_000_001m;
    private const decimal Most = 1_000_000_000_000m;

    /// <summary>The provider's name beside the rates.</summary>
    public string Source => http.BaseAddress!.Host;

    /// <summary>What one unit of <see cref="RateTable.Base"/> is worth in each currency that both the provider and Florin know.</summary>
    /// <exception cref="HttpRequestException">The provider is away, answers an error, or answers too much.</exception>
    /// <exception cref="TaskCanceledException">It took too long.</exception>
    /// <exception cref="JsonException">The answer is not a table of rates of the base.</exception>
    public async Task<IReadOnlyDictionary<Currency, decimal>> FetchAsync(CancellationToken cancel)
    {
        var answer = await http.GetByteArrayAsync(new Uri("v4/latest/" + RateTable.Base.Code, UriKind.Relative), cancel);
        using var json = JsonDocument.Parse(answer);
        return Read(json.RootElement);
    }

    /// <summary>Reads the provider's table. A rate that is no number from 10^-12 to 10^12 is left out, so that the old one stays in use.</summary>
    internal static IReadOnlyDictionary<Currency, decimal> Read(JsonElement root)
    {
        if (
            root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("base", out var name)
            || name.ValueKind != JsonValueKind.String
            || !name.ValueEquals(RateTable.Base.Code)
            || !root.TryGetProperty("rates", out var rates)
            || rates.ValueKind != JsonValueKind.Object
        )
        {
            throw new JsonException($"not a table of rates of {RateTable.Base}");
        }

        var read = new Dictionary<Currency, decimal>();
        foreach (var rate in rates.EnumerateObject())
        {
            // TryGetDecimal reads the digits as they stand in the text; nothing passes through a double.
            if (
                Currency.TryParse(rate.Name, out var currency)
                && rate.Value.ValueKind == JsonValueKind.Number
                && rate.Value.TryGetDecimal(out var value)
                && value is >= Least and <= Most
            )
            {
                read[currency] = decimal.Round(value, 12, MidpointRounding.ToZero);
            }
        }

        return read.TryGetValue(RateTable.Base, out var one) && one != 1m ? throw new JsonException($"one {RateTable.Base} is not one {RateTable.Base}")
            : read.Count == 0 ? throw new JsonException("a table without rates")
            : read;
    }
}
