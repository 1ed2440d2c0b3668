using Florin.Platform;

namespace Florin.Wallets;

/// <summary>Why wallets decline.</summary>
public static class WalletsRefusals
{
    /// <summary>A number that no wallet has.</summary>
    public static readonly RefusalCode WalletNotFound = new("wallet_not_found", 404, "No wallet has this number.");

    /// <summary>One wallet per currency and person.</summary>
    public static readonly RefusalCode WalletExists = new("wallet_exists", 409, "You have a wallet in this currency already.");

    /// <summary>All wallets that one person may have are open.</summary>
    public static readonly RefusalCode WalletLimitReached = new("wallet_limit_reached", 409, "You have as many wallets as one person may have.");

    /// <summary>The currency is not among those that wallets are opened in.</summary>
    public static readonly RefusalCode CurrencyNotOffered = new("currency_not_offered", 422, "Wallets are not offered in this currency.");

    /// <summary>Every number that was drawn belonged to another wallet.</summary>
    public static readonly RefusalCode NumberTaken = new("wallet_number_taken", 503, "No free wallet number was found; nothing was done. Retry.");

    /// <summary>The rate is worse than the caller accepts.</summary>
    public static readonly RefusalCode RateNotAccepted = new("rate_not_accepted", 409, "The rate is now below the one you accept; nothing was sent.");

    /// <summary>The quote is for another amount or other currencies.</summary>
    public static readonly RefusalCode QuoteDiffers = new("quote_differs", 422, "The quote is for another amount or other currencies than this transfer.");

    /// <summary>A person who has wallets cannot be erased.</summary>
    public static readonly RefusalCode WalletsOpen = new("wallets_open", 409, "Close your wallets first; each must be empty.");
}
