using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>
/// <c>POST /v1/payments/{id or code}/pay</c>: pays by one of the payment's methods. A wallet and cash complete it in the answer; a gateway answers
/// what the payer has to do next. With the code of a payment a guest may pay it by gateway.
/// </summary>
public static class PayPayment
{
    // Five pictures of a camera in base64.
    private const long MostBytes = 8 * 1024 * 1024;
    private const int MostFrames = 5;

    /// <param name="Method">One of the payment's methods.</param>
    /// <param name="Wallet">Of method <c>wallet</c>: which of the payer's wallets pays; by default the one in the payment's currency.</param>
    /// <param name="Payer">At a till: who pays, by username, e-mail address, phone number or wallet number.</param>
    /// <param name="Pin">The payer's PIN; needed at a till, and above the wallet's PIN limit.</param>
    /// <param name="QuoteId">Where the wallet has another currency: a locked quote.</param>
    /// <param name="AcceptRate">Without a quote: the lowest rate that the payer accepts, as a decimal.</param>
    /// <param name="Shop">Of method <c>cash</c>, where the payment is no sale: the shop whose till took it.</param>
    /// <param name="Challenge">Of method <c>wallet</c>: what the payer was shown before, as <c>POST …/challenges</c> answered it.</param>
    /// <param name="Passkey">Instead of the PIN: the answer to <c>POST …/passkey-options</c>.</param>
    /// <param name="Face">At a till, instead of the PIN: pictures of the payer's face, as <c>POST …/face-challenges</c> asked for them.</param>
    /// <param name="Contact">Of a gateway: who pays, where they are not signed in.</param>
    /// <param name="Card">At a till: the token of the payer's card, which names payer and wallet. Above its limit it needs the PIN.</param>
    /// <param name="Ticket">At a till: what <c>pin_needed</c> gave for a card; finishes the payment with the PIN.</param>
    public sealed record Request(
        [property: StringLength(50)] string Method,
        [property: StringLength(50)] string? Wallet = null,
        [property: StringLength(254)] string? Payer = null,
        [property: Secret] [property: StringLength(6)] string? Pin = null,
        [property: StringLength(50)] string? QuoteId = null,
        [property: StringLength(40)] string? AcceptRate = null,
        [property: StringLength(50)] string? Shop = null,
        [property: Secret] [property: StringLength(50)] string? Challenge = null,
        PasskeyAnswer? Passkey = null,
        [property: Secret] FaceRequest? Face = null,
        ContactRequest? Contact = null,
        [property: Secret] [property: StringLength(100)] string? Card = null,
        [property: Secret] [property: StringLength(100)] string? Ticket = null
    );

    /// <param name="Challenge">As <c>POST …/face-challenges</c> answered it; left out where the shop takes a single picture.</param>
    /// <param name="Frames">JPEG or PNG files in base64, in the order of the challenge's steps; one without a challenge.</param>
    public sealed record FaceRequest(
        [property: Length(1, MostFrames)] IReadOnlyList<byte[]> Frames,
        [property: Secret] [property: StringLength(50)] string? Challenge = null
    );

    /// <param name="Name">Up to 100 characters.</param>
    /// <param name="Email">An e-mail address.</param>
    /// <param name="Phone">A phone number.</param>
    public sealed record ContactRequest(
        [property: StringLength(100)] string? Name = null,
        [property: StringLength(254)] string? Email = null,
        [property: StringLength(20)] string? Phone = null
    );

    /// <param name="Payment">As it is now.</param>
    /// <param name="Attempt">This try.</param>
    public sealed record Response(PaymentView Payment, AttemptView Attempt);

    internal static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/{id}/pay", HandleAsync).AllowAnonymous().LimitRate(RateLimit.Money).LimitBody(MostBytes).Produces<Response>().Produces<Response>(202);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        HttpContext http,
        Idempotency idempotency,
        PaymentFacts facts,
        PaymentAccess access,
        InstantPayment instant,
        GatewayAttempts attempts,
        IEnumerable<IPaymentMethod> methods,
        CancellationToken cancel
    )
    {
        var caller = Caller.TryGet(http.User);
        PaymentAccess.DemandScope(http, caller);
        var payment = await facts.NamedAsync(id, cancel);
        await access.DemandPayerAsync(payment, caller, PaymentFacts.IsCode(id), cancel);
        if (request.Payer is not null || request.Card is not null || request.Ticket is not null || request.Face is not null)
        {
            await access.DemandTillAsync(payment, caller, cancel);
        }

        var key = idempotency.Require(http, caller?.Person ?? payment.Id, request);
        if (request.Face is not null && await idempotency.FindAsync(key, cancel) is { } kept)
        {
            return kept; // pictures are good once: a repeat does not ask again whose they are
        }

        var method =
            methods.FirstOrDefault(one => string.Equals(one.Name, request.Method, StringComparison.Ordinal) && one.Offers(payment))
            ?? throw PaymentsRefusals.MethodNotOffered.With();
        var order = new PayOrder(http, caller)
        {
            Wallet = request.Wallet,
            Payer = request.Payer,
            Pin = request.Pin,
            QuoteId = request.QuoteId,
            AcceptRate = request.AcceptRate,
            Shop = request.Shop,
            Challenge = request.Challenge,
            Passkey = request.Passkey,
            Face = request.Face is { } face ? new FaceAnswer(face.Challenge, face.Frames) : null,
            Key = key,
            Card = request.Card,
            Ticket = request.Ticket,
        };
        return method switch
        {
            IGateway when order.Challenge is not null => throw PlatformRefusals.InvalidRequest.Field("challenge", "is for what a wallet pays"),
            IInstantMethod now => await instant.PayAsync(payment, now, order, key, cancel),
            IGateway gateway => await attempts.StartAsync(payment, gateway, order, ContactOf(request.Contact), key, cancel),
            _ => throw new InvalidOperationException($"method {method.Name} is neither instant nor a gateway"),
        };
    }

    private static PayerContact ContactOf(ContactRequest? contact) => new(contact?.Name, contact?.Email, contact?.Phone);
}
