using System.Text.Json;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>What wallets tell the outside.</summary>
internal static class WalletEvents
{
    /// <summary>An event of one wallet for its owner, as a row of a commit.</summary>
    public static RowInsert Row<TPayload>(string topic, WalletFact wallet, TPayload payload) => Row(topic, wallet, payload, [wallet.Person]);

    /// <summary>An event of one wallet for these people, as a row of a commit.</summary>
    public static RowInsert Row<TPayload>(string topic, WalletFact wallet, TPayload payload, Guid[] audience) =>
        Outbox.Row(new OutboxEvent(topic, wallet.Id, JsonSerializer.Serialize(payload, Wire.Json), audience));

    /// <summary>Adds the event and the activity row where the commit collected a fee that the wallet owed.</summary>
    public static void TellCollectedFees(LedgerOutcome outcome, WalletFact wallet, ActivityLog activity)
    {
        foreach (var fee in outcome.Collected)
        {
            if (fee.Account == wallet.Account)
            {
                var paid = new
                {
                    wallet = wallet.PublicId,
                    wallet.Number,
                    posting = PostingIds.Show("fee", fee.Posting),
                    amount = new Amount(fee.Amount, wallet.Currency),
                    outcome.PostedAt,
                };
                outcome.Inserts.Add(Row("wallets.fee_charged", wallet, paid));
                outcome.Inserts.Add(ActivityLog.Row(activity.Entry("wallets.fee_charged", wallet.Person, paid)));
            }
        }
    }
}

/// <summary>Public ids of postings: the prefix says what it was.</summary>
internal static class PostingIds
{
    /// <summary>The public id of a posting.</summary>
    public static string Show(string kind, Guid posting) =>
        Ids.Show(
            kind switch
            {
                "transfer" => "trf",
                "deposit" => "dep",
                "withdrawal" => "wdr",
                "fee" => "fee",
                _ => "pst",
            },
            posting
        );
}
