using System.Text.Json;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>Purpose <c>top_up</c>: the payment credits a wallet of whoever asked. Fees that the wallet owes are taken in the same commit.</summary>
internal sealed class TopUp(WalletFacts facts, ActivityLog activity) : IFulfilment
{
    /// <summary>The purpose's name.</summary>
    public const string Name = "top_up";

    public string Purpose => Name;

    public string PostingKind => "deposit";

    public async Task<PaymentTerms> PrepareAsync(PaymentOrder order, CancellationToken cancel)
    {
        var amount = order.Demand();
        var wallet = await facts.OwnAsync(order.Caller, Ids.Show(Wallet.Prefix, order.Id("wallet", Wallet.Prefix)), cancel);
        wallet.Demand(amount);
        return new PaymentTerms(amount, wallet.Person, wallet.Id, $"Wallet {wallet.Number}", wallet.Account)
        {
            Subject = JsonSerializer.Serialize(new { wallet = wallet.PublicId }, Wire.Json),
        };
    }

    public async Task<Action<LedgerOutcome>?> DeliverAsync(PaymentFact payment, Guid? payer, LedgerCommit commit, CancellationToken cancel)
    {
        var wallet = await WalletOfAsync(payment, cancel);
        return outcome =>
        {
            var balance = new Amount(outcome[wallet.Account].Balance, wallet.Currency);
            var happened = new
            {
                payment = payment.PublicId,
                wallet = wallet.PublicId,
                payment.Amount,
                balance,
                outcome.PostedAt,
            };
            outcome.Inserts.Add(WalletEvents.Row("wallets.deposited", wallet, happened));
            WalletEvents.TellCollectedFees(outcome, wallet, activity);
        };
    }

    // The money itself is all that was delivered: the ledger refuses where it was spent.
    public Task TakeBackAsync(PaymentFact payment, RefundPart part, LedgerCommit commit, CancellationToken cancel) => Task.CompletedTask;

    // Its owner sees it; paying back what they paid in is the house's decision.
    public ValueTask<PayeeRole> RoleOfAsync(Guid person, PaymentFact payment, CancellationToken cancel) =>
        ValueTask.FromResult(person == payment.Owner ? PayeeRole.Viewer : PayeeRole.None);

    private async Task<WalletFact> WalletOfAsync(PaymentFact payment, CancellationToken cancel) =>
        await facts.OwnAsync(payment.Owner, Ids.Show(Wallet.Prefix, payment.Payee), cancel);
}
