using Florin.Money;

namespace Florin.Platform.Pages;

/// <summary>An amount as a person typed it, on its way to a route: blanks go, a comma may stand for the point, missing digits are zeros.</summary>
/// <param name="Amount">The decimal; as typed where it is none, so that the route says what is wrong with it.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record TypedAmount(string Amount, string Currency)
{
    /// <summary>Reads what was typed.</summary>
    public static TypedAmount Read(string? text, Currency currency)
    {
        var typed = new string([.. (text ?? "").Where(c => !char.IsWhiteSpace(c) && c is not '\'' and not '’')]);
        var mark = typed.LastIndexOfAny([',', '.']);
        // Of two different marks the last is the decimal one: 1,000.50 and 1.000,50. One alone is it always: 1,000 is refused rather than guessed at.
        var whole = mark < 0 ? typed : typed[..mark];
        var other = mark >= 0 && typed[mark] == ',' ? "." : ",";
        whole = whole.Replace(other, "", StringComparison.Ordinal);
        var fraction = mark < 0 ? "" : typed[(mark + 1)..];
        var plain = whole.Length > 0 && whole.All(char.IsAsciiDigit) && fraction.All(char.IsAsciiDigit) && fraction.Length <= currency.Digits;
        return new TypedAmount(plain ? Wire(whole, fraction, currency) : typed, currency.Code);
    }

    /// <summary>The amount; null where it is none.</summary>
    public Amount? Parse() => Money.Amount.TryParse(Amount, Money.Currency.Of(Currency), out var amount) ? amount : null;

    private static string Wire(string whole, string fraction, Currency currency)
    {
        var trimmed = whole.TrimStart('0') is { Length: > 0 } digits ? digits : "0";
        return currency.Digits == 0 ? trimmed : $"{trimmed}.{fraction.PadRight(currency.Digits, '0')}";
    }
}
