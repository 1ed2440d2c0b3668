using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>
/// Tops a wallet up. In sandbox mode the sandbox gateway pays at once. In live mode a top-up is a payment: it starts one where the hub
/// (<c>Payments</c>) has a method, and <see cref="Credit"/> is what its fulfilment hands the ledger.
/// </summary>
internal static class DepositMoney
{
    /// <summary>The gateway that pays in sandbox mode.</summary>
    public const string SandboxGateway = "sandbox";

    /// <param name="Amount">In the wallet's currency, above zero.</param>
    public sealed record Request(Amount Amount);

    public sealed record Response(string Id, string Wallet, Amount Amount, string State, Amount Balance, DateTimeOffset PostedAt);

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/{id}/deposits", HandleAsync).RequireAuthorization(WalletsModule.Write).LimitRate(RateLimit.Money).Produces<Response>(201);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        WalletFacts facts,
        HouseAccounts house,
        GeneralLedger ledger,
        ActivityLog activity,
        Settings settings,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var wallet = await facts.OwnAsync(caller.Person, id, cancel);
        wallet.Demand(request.Amount);
        if (!settings.Sandbox)
        {
            throw WalletsRefusals.TopUpNeedsPayment.With();
        }

        var gateway = await house.GatewayAsync(SandboxGateway, wallet.Currency, cancel);
        var commit = Credit(wallet, gateway, request.Amount, reference: null, key, activity);
        commit.Inserts.Add(ActivityLog.Row(activity.Entry(http, "wallets.deposited", details: new { wallet = wallet.PublicId, request.Amount })));
        return (await ledger.CommitAsync(commit)).Required;
    }

    /// <summary>The commit that credits a wallet with money that has come in. Fees that the wallet owes are taken by it.</summary>
    /// <param name="wallet">Which wallet.</param>
    /// <param name="source">The house account where the money arrived.</param>
    /// <param name="amount">In the wallet's currency.</param>
    /// <param name="reference">What caused it, as a public id.</param>
    /// <param name="key">The caller's key, where there is one.</param>
    /// <param name="activity">For the row of a fee that it pays.</param>
    public static LedgerCommit Credit(WalletFact wallet, long source, Amount amount, string? reference, IdempotencyKey? key, ActivityLog activity)
    {
        var posting = new PostingDraft("deposit", new Move(source, wallet.Account, amount.Minor)) { Reference = reference };
        return new LedgerCommit
        {
            Key = key,
            Postings = { posting },
            Complete = outcome =>
            {
                var account = outcome[wallet.Account];
                var id = PostingIds.Show(posting.Kind, posting.Id);
                var balance = new Amount(account.Balance, wallet.Currency);
                var done = new Response(id, wallet.PublicId, amount, "completed", balance, outcome.PostedAt);
                outcome.Inserts.Add(WalletEvents.Row("wallets.deposited", wallet, done));
                WalletEvents.TellCollectedFees(outcome, wallet, activity);
                return Answer.Json(201, done);
            },
        };
    }
}
