using System.ComponentModel.DataAnnotations;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>
/// <c>POST /v1/payments/{id or code}/challenges</c>: tells the signed-in payer what will be taken from which wallet, and binds it: whoever pays with the
/// challenge pays that, once, within 60 seconds. Nothing moves here.
/// </summary>
public static class CreateChallenge
{
    /// <param name="Method">A method that pays from a wallet.</param>
    /// <param name="Wallet">Which of the payer's wallets; by default the one in the payment's currency.</param>
    /// <param name="QuoteId">Where the wallet has another currency: a locked quote.</param>
    /// <param name="AcceptRate">Without a quote: the lowest rate that the payer accepts, as a decimal.</param>
    public sealed record Request(
        [property: StringLength(50)] string Method = "wallet",
        [property: StringLength(50)] string? Wallet = null,
        [property: StringLength(50)] string? QuoteId = null,
        [property: StringLength(40)] string? AcceptRate = null
    );

    /// <param name="Challenge">To be sent with <c>pay</c>, once.</param>
    /// <param name="ExpiresAt">60 seconds from now at most.</param>
    /// <param name="Payment"><c>pay_…</c></param>
    /// <param name="PayeeName">Who is paid.</param>
    /// <param name="Amount">What they get.</param>
    /// <param name="Wallet">Which wallet pays.</param>
    /// <param name="Taken">What leaves it, in its own currency: at most this is taken.</param>
    /// <param name="Rate">What one unit of the wallet's currency buys, where something is converted.</param>
    /// <param name="PinRequired">Whether the payer's PIN is needed.</param>
    public sealed record Response(
        string Challenge,
        DateTimeOffset ExpiresAt,
        string Payment,
        string PayeeName,
        Amount Amount,
        string Wallet,
        Amount Taken,
        string? Rate,
        bool PinRequired
    );

    internal static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/{id}/challenges", HandleAsync).RequireAuthorization(PaymentsModule.Write).LimitRate(RateLimit.Money).Produces<Response>(201);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        HttpContext http,
        Caller caller,
        PaymentFacts facts,
        PaymentAccess access,
        Challenges challenges,
        LedgerReads ledger,
        IEnumerable<IPaymentMethod> methods,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var payment = await facts.NamedAsync(id, cancel);
        await access.DemandPayerAsync(payment, caller, PaymentFacts.IsCode(id), cancel);
        var now = (await facts.NowAsync(payment.Id, cancel)).Status;
        if (!now.Open || payment.ExpiresAt <= clock.GetUtcNow())
        {
            throw PaymentsRefusals.NotPayable.With($"It is {(now.Open ? PaymentStates.Expired : now.State)}.");
        }

        var method =
            methods.OfType<IInstantMethod>().FirstOrDefault(one => string.Equals(one.Name, request.Method, StringComparison.Ordinal) && one.Offers(payment))
            ?? throw PaymentsRefusals.MethodNotOffered.With();
        var order = new PayOrder(http, caller)
        {
            Wallet = request.Wallet,
            QuoteId = request.QuoteId,
            AcceptRate = request.AcceptRate,
        };
        var collected = await method.CollectAsync(payment, order, cancel);
        if (collected.Wallet is not { } wallet)
        {
            throw PaymentsRefusals.MethodNotOffered.With("Only what is paid from a wallet has a challenge.");
        }

        InstantPayment.CheckPayer(payment, collected.Payer);
        var account = collected.Moves(payment.Account)[0].From;
        var limit = (await ledger.AccountsAsync([account], cancel))[account].ProofLimit;
        var (challenge, expiresAt) = await challenges.IssueAsync(payment, collected, cancel);
        return Results.Json(
            new Response(
                challenge,
                expiresAt,
                payment.PublicId,
                payment.PayeeName,
                payment.Amount,
                wallet,
                collected.Taken,
                collected.Rate,
                collected.Taken.Minor > limit
            ),
            Wire.Json,
            statusCode: StatusCodes.Status201Created
        );
    }
}
