using Florin.Platform.Pages;

namespace Florin.Wallets.Pages;

/// <summary>What an entry is called.</summary>
internal static class EntryWords
{
    /// <summary>The kinds that history is filtered by.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["transfer", "deposit", "withdrawal", "sale", "voucher_sale", "refund", "fee"];

    /// <summary>The icon that stands beside it.</summary>
    public static string Icon(ListEntries.Response entry) => entry.Amount.Minor > 0 ? "arrow-down-left" : "arrow-up-right";

    /// <summary>In the reader's language, such as <c>To 0123456789</c>.</summary>
    public static string Title(PageContext page, ListEntries.Response entry)
    {
        var incoming = entry.Amount.Minor > 0;
        return entry switch
        {
            { Kind: "transfer", Counterpart: { Name: { } own } } => page.T(incoming ? "From {0}" : "To {0}", own),
            { Kind: "transfer", Counterpart: { } other } => page.T(incoming ? "From {0}" : "To {0}", other.Wallet),
            { Kind: "deposit" } => page.T("Top-up"),
            { Kind: "opening" } => page.T("Opening balance"),
            { Kind: "withdrawal" } => page.T("Withdrawal"),
            { Kind: "payout_return" } => page.T("Withdrawal that came back"),
            { Kind: "fee" } => page.T("Fee"),
            { Kind: "sale" } => page.T("Payment"),
            { Kind: "voucher_sale" } => page.T("Vouchers"),
            { Kind: "refund" } => page.T(incoming ? "Refund" : "Refund given"),
            _ => page.T(incoming ? "Money in" : "Money out"),
        };
    }

    /// <summary>The name of a kind in a list to choose from.</summary>
    public static string Kind(PageContext page, string kind) =>
        page.T(
            kind switch
            {
                "transfer" => "Transfers",
                "deposit" => "Top-ups",
                "withdrawal" => "Withdrawals",
                "sale" => "Payments",
                "voucher_sale" => "Vouchers",
                "refund" => "Refunds",
                _ => "Fees",
            }
        );
}
