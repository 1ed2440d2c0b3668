using Florin.Platform;

namespace Florin.Fx;

/// <summary>Why a conversion is declined.</summary>
public static class FxRefusals
{
    /// <summary>From and to are one currency.</summary>
    public static readonly RefusalCode SameCurrency = new("same_currency", 422, "The currencies are the same; nothing is converted.");

    /// <summary>No wallet can be opened in this currency.</summary>
    public static readonly RefusalCode CurrencyNotSupported = new("currency_not_supported", 422, "This currency is not offered here.");

    /// <summary>So little money would be nothing in the other currency.</summary>
    public static readonly RefusalCode AmountTooSmall = new("amount_too_small", 422, "The amount is too small to convert; it would come to nothing.");

    /// <summary>The provider has not answered for too long.</summary>
    public static readonly RefusalCode RateStale = new("rate_stale", 503, "The exchange rate is too old to be used; retry later.");

    /// <summary>The provider does not know the currency, or has not answered yet.</summary>
    public static readonly RefusalCode RateUnavailable = new("rate_unavailable", 503, "There is no exchange rate for this currency now; retry later.");

    /// <summary>The quote's time is over.</summary>
    public static readonly RefusalCode QuoteExpired = new("quote_expired", 409, "The quote has expired; get a new one.");

    /// <summary>The quote was taken before.</summary>
    public static readonly RefusalCode QuoteUsed = new("quote_used", 409, "The quote was used already; get a new one.");

    /// <summary>The rate that was looked at is no longer the one kept aside.</summary>
    public static readonly RefusalCode SuspectRateChanged = new("suspect_rate_changed", 409, "The rate kept aside is another one by now; look again.");
}
