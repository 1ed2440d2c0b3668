using Florin.Ledger;
using Florin.Money;

namespace Florin.Wallets;

/// <summary>
/// The postings of money on its way to a bank, of wallets and of shops alike: it leaves its account at once, stands in payout clearing, and leaves that
/// for the outside or back to where it came from.
/// </summary>
public sealed class PayoutClearing(HouseAccounts house)
{
    // Whose account the money left for: the bank's, or the sandbox's.
    private const string Bank = "bank";

    /// <summary>It is asked for.</summary>
    /// <param name="kind">What it is on the account: <c>withdrawal</c>, <c>payout_request</c>.</param>
    /// <param name="id">Of the posting.</param>
    /// <param name="reference">What causes it, as a public id.</param>
    /// <param name="account">Whose money.</param>
    /// <param name="amount">Above zero.</param>
    /// <param name="metadata">Facts for the statement, as JSON.</param>
    /// <param name="cancel">Stops looking for the account.</param>
    public async Task<PostingDraft> AskedAsync(
        string kind,
        Guid id,
        string reference,
        long account,
        Amount amount,
        string? metadata,
        CancellationToken cancel
    ) =>
        new(kind, new Move(account, await ClearingAsync(amount, cancel), amount.Minor))
        {
            Id = id,
            Reference = reference,
            Metadata = metadata,
        };

    /// <summary>It left.</summary>
    /// <param name="reference">What caused it, as a public id.</param>
    /// <param name="amount">Above zero.</param>
    /// <param name="sandbox">Whether the sandbox's gateway paid it, and no bank.</param>
    /// <param name="cancel">Stops looking for the accounts.</param>
    public async Task<PostingDraft> PaidAsync(string reference, Amount amount, bool sandbox, CancellationToken cancel)
    {
        var outside = await house.GatewayAsync(sandbox ? DepositMoney.SandboxGateway : Bank, amount.Currency, cancel);
        return new PostingDraft("payout", new Move(await ClearingAsync(amount, cancel), outside, amount.Minor)) { Reference = reference };
    }

    /// <summary>It did not leave, and goes back.</summary>
    /// <param name="reference">What caused it, as a public id.</param>
    /// <param name="account">Whose money it was.</param>
    /// <param name="amount">Above zero.</param>
    /// <param name="cancel">Stops looking for the account.</param>
    public async Task<PostingDraft> ReturnedAsync(string reference, long account, Amount amount, CancellationToken cancel) =>
        new("payout_return", new Move(await ClearingAsync(amount, cancel), account, amount.Minor)) { Reference = reference };

    private ValueTask<long> ClearingAsync(Amount amount, CancellationToken cancel) => house.IdAsync(HouseAccount.PayoutClearing, amount.Currency, cancel);
}
