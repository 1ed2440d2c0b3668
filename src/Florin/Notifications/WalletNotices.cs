using Florin.Platform;
using Florin.Wallets;

namespace Florin.Notifications;

/// <summary>What is told of wallets: fees that were taken, fees that could not be and block the wallet, money that somebody sent.</summary>
internal static class WalletNotices
{
    private const string FeeCharged = "wallets.fee_charged";
    private const string FeeOwed = "wallets.fee_owed";

    /// <summary>Money that somebody sent.</summary>
    public const string Transferred = "wallets.transferred";

    /// <summary>The events that are told of.</summary>
    public static readonly IReadOnlyList<string> Topics = [FeeCharged, FeeOwed, Transferred];

    /// <summary>Who is told what of this event; null where it cannot be read.</summary>
    public static async Task<IReadOnlyList<Notice>?> OfAsync(StoredEvent happened, WalletFacts wallets, CancellationToken cancel)
    {
        var payload = EventPayloads.Open(happened);
        var transferred = happened.Topic is Transferred;
        if (
            payload.Text(transferred ? "to" : "number") is not { } number
            || payload.Money(transferred ? "received" : "amount") is not { } amount
            || await wallets.ByNumberAsync(number, cancel) is not { } wallet
        )
        {
            return null;
        }

        Notice Tell(string what, string template, params IEnumerable<(string, string?)> more) =>
            new($"{happened.Topic}:{what}", wallet.Person, template, () => EventPayloads.Values([("amount", amount), ("wallet", number), .. more]));

        switch (happened.Topic)
        {
            case FeeCharged when payload.Text("posting") is { } posting:
                return [Tell(posting, "fee_charged", ("at", payload.Time("posted_at")), ("posting", posting))];
            case FeeOwed when payload.Text("due_at") is { } due:
                return [Tell($"{wallet.PublicId}:{due}", "fee_owed", ("at", payload.Time("due_at")))];
            case Transferred when payload.Text("id") is { } transfer && payload.Text("from") is { } from:
                var own = (await wallets.ByNumberAsync(from, cancel))?.Person == wallet.Person;
                var more = new[] { ("from", from), ("note", payload.Text("note")), ("at", payload.Time("posted_at")), ("transfer", transfer) };
                return own ? [] : [Tell(transfer, "money_received", more)];
            default:
                return null;
        }
    }
}
