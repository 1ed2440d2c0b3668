using Florin.Platform;

namespace Florin.Payments;

/// <summary>Who may do what with a payment. For everybody else it does not exist.</summary>
public sealed class PaymentAccess(Checkout checkout, PaymentFacts facts)
{
    /// <summary>A payment as a route names it, for whoever may see it: by code whoever has that, by id its parties and staff.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, <c>not_signed_in</c></exception>
    public async Task<PaymentFact> SeenAsync(string idOrCode, HttpContext http, CancellationToken cancel)
    {
        var fact = await facts.NamedAsync(idOrCode, cancel);
        if (!PaymentFacts.IsCode(idOrCode))
        {
            await DemandPartyAsync(await facts.NowAsync(fact.Id, cancel), Caller.Of(http), cancel);
        }

        return fact;
    }

    /// <summary>
    /// Whoever has the code may pay; by id only payer, payee and whoever made it. A payment for one person is paid by nobody else, though a cashier
    /// of the payee may take their money.
    /// </summary>
    /// <exception cref="Refusal"><c>not_found</c>, <c>not_signed_in</c></exception>
    internal async ValueTask DemandPayerAsync(PaymentFact payment, Caller? caller, bool byCode, CancellationToken cancel)
    {
        if (byCode)
        {
            return;
        }

        if (caller is null)
        {
            throw PlatformRefusals.NotSignedIn.With();
        }

        var mine = Made(payment, caller) || caller.Person == payment.Payer || caller.Person == payment.Owner;
        if (!mine && await checkout.FulfilmentOf(payment).RoleOfAsync(caller.Person, payment, cancel) == PayeeRole.None)
        {
            throw PlatformRefusals.NotFound.With();
        }
    }

    /// <summary>Who asks a payer for their PIN stands at a till of the payee; nobody else may try PINs of other people.</summary>
    /// <exception cref="Refusal"><c>forbidden</c></exception>
    public async ValueTask DemandTillAsync(PaymentFact payment, Caller? caller, CancellationToken cancel)
    {
        if (caller is null || await checkout.FulfilmentOf(payment).RoleOfAsync(caller.Person, payment, cancel) < PayeeRole.Cashier)
        {
            throw PlatformRefusals.Forbidden.With("Only a cashier of the payee may take the payment of somebody else.");
        }
    }

    /// <summary>An API key that may not write payments pays none.</summary>
    /// <exception cref="Refusal"><c>forbidden</c>, <c>not_signed_in</c> where a token was sent that is worth nothing</exception>
    internal static void DemandScope(HttpContext http, Caller? caller)
    {
        if (caller is null && http.Request.Headers.Authorization.Count > 0)
        {
            throw PlatformRefusals.NotSignedIn.With();
        }

        if (caller is not null && http.User.HasClaim(claim => claim.Type is Caller.ScopeClaim) && !http.User.HasClaim(Caller.ScopeClaim, "payments:write"))
        {
            throw PlatformRefusals.Forbidden.With();
        }
    }

    /// <summary>What the caller may do on the payee's side; payers and makers may at least see.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    internal async Task<PayeeRole> DemandPartyAsync(Payment payment, Caller caller, CancellationToken cancel)
    {
        var role = await checkout.FulfilmentOf(payment.Fact).RoleOfAsync(caller.Person, payment.Fact, cancel);
        var sees = caller.Person == payment.PaidBy || caller.Person == payment.Payer || Made(payment.Fact, caller) || caller.IsStaff;
        return role == PayeeRole.None && !sees ? throw PlatformRefusals.NotFound.With() : role;
    }

    /// <summary>Whoever takes money for the payment, and whoever made it in their own name, may call it off.</summary>
    /// <exception cref="Refusal"><c>not_found</c>, <c>forbidden</c></exception>
    internal async Task<PayeeRole> DemandCancelAsync(Payment payment, Caller caller, CancellationToken cancel)
    {
        var role = await DemandPartyAsync(payment, caller, cancel);
        return role < PayeeRole.Cashier && !Made(payment.Fact, caller) ? throw PlatformRefusals.Forbidden.With() : role;
    }

    /// <summary>
    /// How much of the payment the caller may pay back, together with what was paid back before, in its minor units; more than nothing. Nobody pays back
    /// what they paid themselves but the owner.
    /// </summary>
    /// <exception cref="Refusal"><c>not_found</c>, <c>forbidden</c></exception>
    internal async Task<long> DemandRefundAsync(Payment payment, Caller caller, CancellationToken cancel)
    {
        var role = await DemandPartyAsync(payment, caller, cancel);
        // Who paid decides nothing as finance or cashier; an owner gives away their own money.
        var own = caller.Person == payment.PaidBy || caller.Person == payment.Payer;
        var limit =
            own && role < PayeeRole.Owner ? 0
            : !own && caller.Is(Roles.Finance) ? payment.Amount
            : await checkout.FulfilmentOf(payment.Fact).RefundLimitAsync(caller.Person, payment.Fact, cancel);
        return limit < 1 ? throw PlatformRefusals.Forbidden.With() : limit;
    }

    private bool Made(PaymentFact payment, Caller caller) => caller.Person == payment.CreatedBy && !checkout.FulfilmentOf(payment).MadeForPayee;
}
