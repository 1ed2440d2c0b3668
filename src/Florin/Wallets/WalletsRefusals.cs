using Florin.Platform;

namespace Florin.Wallets;

/// <summary>Why wallets decline.</summary>
public static class WalletsRefusals
{
    /// <summary>A number that no wallet has.</summary>
    public static readonly RefusalCode WalletNotFound = new("wallet_not_found", 404, "No wallet has this number.");

    /// <summary>Nobody can be sent money by this number, address or name.</summary>
    public static readonly RefusalCode RecipientNotFound = new("recipient_not_found", 404, "Nobody can be sent money by this number, address or name.");

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

    /// <summary>A person has as many cards as one may.</summary>
    public static readonly RefusalCode CardLimitReached = new("card_limit_reached", 409, "You have 10 cards; revoke one first.");

    /// <summary>No card has this token, or it was revoked; also a ticket that is used, expired, or another till's.</summary>
    public static readonly RefusalCode CardNotAccepted = new("card_not_accepted", 403, "This card or ticket is not accepted; pay otherwise.");

    /// <summary>The amount is above what the card pays without the PIN; <c>ticket</c> finishes it.</summary>
    public static readonly RefusalCode PinNeeded = new("pin_needed", 403, "This amount needs the payer's PIN: pay again with the ticket and the PIN.");

    /// <summary>The card has paid as often or as much today as its owner allows.</summary>
    public static readonly RefusalCode CardDayLimit = new("card_day_limit", 409, "This card has paid as much as it may in a day; pay otherwise.");
}
