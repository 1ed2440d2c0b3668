using System.Text.Json;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>
/// Tops a wallet up: a payment with purpose <c>top_up</c>. In sandbox mode the sandbox gateway pays at once and it is completed in the answer; in live
/// mode the answer is the payment that is to be paid.
/// </summary>
internal static class DepositMoney
{
    /// <summary>The gateway that pays in sandbox mode.</summary>
    public const string SandboxGateway = "sandbox";

    /// <param name="Amount">In the wallet's currency, above zero.</param>
    public sealed record Request(Amount Amount);

    /// <param name="Id">Of the posting, <c>dep_…</c>; null until it is paid.</param>
    /// <param name="Payment"><c>pay_…</c></param>
    /// <param name="Wallet"><c>wal_…</c></param>
    /// <param name="Amount">What is paid in.</param>
    /// <param name="State"><c>completed</c>, or <c>pending</c> where it is to be paid.</param>
    /// <param name="PayUrl">Where it is to be paid.</param>
    /// <param name="Balance">What the wallet holds now, once it is paid.</param>
    /// <param name="PostedAt">When it was booked.</param>
    public sealed record Response(
        string? Id,
        string Payment,
        string Wallet,
        Amount Amount,
        string State,
        string? PayUrl,
        Amount? Balance,
        DateTimeOffset? PostedAt
    );

    public static void Map(RouteGroupBuilder routes) =>
        routes
            .MapPost("/{id}/deposits", HandleAsync)
            .RequireAuthorization(WalletsModule.Write)
            .LimitRate(RateLimit.Money)
            .Produces<Response>(201)
            .Produces<Response>(202);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        WalletFacts facts,
        Checkout checkout,
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
        var subject = JsonSerializer.SerializeToElement(new { wallet = wallet.PublicId }, Wire.Json);
        var payment = await checkout.DrawAsync(new PaymentWish(TopUp.Name, new PaymentOrder(caller.Person, request.Amount, subject)), cancel);
        var commit = settings.Sandbox
            ? await PaidAsync(payment, wallet, checkout, house, key, cancel)
            : checkout.Create(payment, key, view => Answer.Json(202, ToPay(view.PayUrl, payment, wallet)));
        commit.Inserts.Add(
            ActivityLog.Row(
                activity.Entry(
                    http,
                    settings.Sandbox ? "wallets.deposited" : "payments.created",
                    details: new
                    {
                        wallet = wallet.PublicId,
                        payment = payment.PublicId,
                        request.Amount,
                    }
                )
            )
        );
        return (await ledger.CommitAsync(commit)).Required;
    }

    private static async Task<LedgerCommit> PaidAsync(
        PaymentFact payment,
        WalletFact wallet,
        Checkout checkout,
        HouseAccounts house,
        IdempotencyKey key,
        CancellationToken cancel
    )
    {
        var gateway = await house.GatewayAsync(SandboxGateway, wallet.Currency, cancel);
        var collected = new Collection(account => [new Move(gateway, account, payment.Amount.Minor)]) { Taken = payment.Amount, Payer = wallet.Person };
        return await checkout.CreateCompletedAsync(
            payment,
            SandboxGateway,
            collected,
            key,
            (posting, outcome) =>
            {
                var balance = new Amount(outcome[wallet.Account].Balance, wallet.Currency);
                var id = PostingIds.Show("deposit", posting);
                return Answer.Json(
                    201,
                    new Response(id, payment.PublicId, wallet.PublicId, payment.Amount, PaymentStates.Completed, null, balance, outcome.PostedAt)
                );
            },
            cancel
        );
    }

    private static Response ToPay(string payUrl, PaymentFact payment, WalletFact wallet) =>
        new(null, payment.PublicId, wallet.PublicId, payment.Amount, PaymentStates.Pending, payUrl, null, null);
}
