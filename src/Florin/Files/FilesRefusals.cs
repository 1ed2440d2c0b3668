using Florin.Platform;

namespace Florin.Files;

/// <summary>Why work on files is declined.</summary>
public static class FilesRefusals
{
    /// <summary>No credit of this person's is free for this work.</summary>
    public static readonly RefusalCode NoFileCredit = new("no_file_credit", 402, "You have no free credit for this; buy one, or wait for the files under way.");

    /// <summary>No such work is done here.</summary>
    public static readonly RefusalCode UnknownFileService = new("unknown_file_service", 422, "There is no such file service.");

    /// <summary>The work has no price in this currency.</summary>
    public static readonly RefusalCode FilePriceUnknown = new("file_price_unknown", 422, "This file service is not sold in this currency.");

    /// <summary>The amount that was named is not what the credits cost.</summary>
    public static readonly RefusalCode FilePriceDiffers = new("file_price_differs", 422, "The credits cost another amount; leave it out, or name theirs.");

    /// <summary>The form holds no file, or several.</summary>
    public static readonly RefusalCode FileMissing = new(
        "file_missing",
        422,
        "Send a form (multipart/form-data) with exactly one file, named file, that is not empty."
    );

    /// <summary>More bytes than a file may have.</summary>
    public static readonly RefusalCode FileTooLarge = new("file_too_large", 413, "The file is larger than is allowed here.");

    /// <summary>By its content the file is of no kind that this work takes.</summary>
    public static readonly RefusalCode FileTypeNotAccepted = new(
        "file_type_not_accepted",
        415,
        "By its content, the file is not of a kind that this service takes."
    );

    /// <summary>It is being worked on.</summary>
    public static readonly RefusalCode FileProcessing = new("file_processing", 409, "The file is being worked on; wait until that has ended.");

    /// <summary>The storage did not answer or is full.</summary>
    public static readonly RefusalCode FileStorageUnavailable = new(
        "file_storage_unavailable",
        503,
        "The file could not be stored; nothing was done. Retry with the same key."
    );

    /// <summary>What a refund would take back was used, or is in use.</summary>
    public static readonly RefusalCode FileCreditsUsed = new("file_credits_used", 409, "Only free credits can be paid back.");

    /// <summary>A refund that is no multiple of a credit's price.</summary>
    public static readonly RefusalCode FileCreditsWhole = new(
        "file_credits_whole",
        422,
        "Credits are paid back whole: the amount must be a multiple of the price of one."
    );

    /// <summary>An account does not end while it has credits.</summary>
    public static readonly RefusalCode FileCreditsLeft = new(
        "file_credits_left",
        409,
        "You have file credits; use them, or have them paid back first. Files under way must have ended."
    );
}
