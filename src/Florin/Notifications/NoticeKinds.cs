namespace Florin.Notifications;

/// <summary>How a person wants to be told.</summary>
public enum NoticeChannel
{
    /// <summary>By e-mail; by text message where no address is proven.</summary>
    Email,

    /// <summary>By text message; by e-mail where no number is proven.</summary>
    Sms,

    /// <summary>Not at all.</summary>
    Off,
}

/// <summary>What people choose about. Messages about the safety of an account are no kind: they are always sent.</summary>
internal static class NoticeKinds
{
    /// <summary>Receipts of what the person paid.</summary>
    public const string Receipts = "receipts";

    /// <summary>Money that went back, or could not.</summary>
    public const string Refunds = "refunds";

    /// <summary>Fees, and wallets that are blocked until one is paid.</summary>
    public const string Fees = "fees";

    /// <summary>Money that somebody sent.</summary>
    public const string MoneyReceived = "money_received";

    /// <summary>What the person's shops were paid.</summary>
    public const string Sales = "sales";

    /// <summary>Vouchers that were given to the person, end soon, or were refunded.</summary>
    public const string Vouchers = "vouchers";

    /// <summary>Every kind, with what holds where the person chose nothing: off for what happens many times a day and is seen live.</summary>
    public static readonly IReadOnlyDictionary<string, NoticeChannel> Usual = new Dictionary<string, NoticeChannel>(StringComparer.Ordinal)
    {
        [Receipts] = NoticeChannel.Email,
        [Refunds] = NoticeChannel.Email,
        [Fees] = NoticeChannel.Email,
        [MoneyReceived] = NoticeChannel.Off,
        [Sales] = NoticeChannel.Off,
        [Vouchers] = NoticeChannel.Email,
    };

    /// <summary>The channel as it stands in the table.</summary>
    public static string Show(NoticeChannel channel) =>
        channel switch
        {
            NoticeChannel.Email => "email",
            NoticeChannel.Sms => "sms",
            _ => "off",
        };

    /// <summary>Reads what <see cref="Show"/> wrote.</summary>
    public static NoticeChannel Read(string text) =>
        text switch
        {
            "email" => NoticeChannel.Email,
            "sms" => NoticeChannel.Sms,
            _ => NoticeChannel.Off,
        };
}
