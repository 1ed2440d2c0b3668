using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary><c>POST /v1/payments</c>: asks that somebody pay an amount for a purpose. Price and payee are fixed from here on.</summary>
internal static class CreatePayment
{
    private const int MostMetadata = 20;

    /// <param name="Purpose"><c>sale</c>, <c>top_up</c> …</param>
    /// <param name="Amount">What is to be paid; left out where the purpose has a price.</param>
    /// <param name="Subject">What the purpose is about: of a sale <c>{"shop": "shp_…"}</c>, of a top-up <c>{"wallet": "wal_…"}</c>.</param>
    /// <param name="Payer">The only person who may pay it, <c>usr_…</c>; anybody where not given.</param>
    /// <param name="Description">Up to 200 characters for the payer.</param>
    /// <param name="Reference">The payee's own number, up to 100 characters.</param>
    /// <param name="Metadata">The payee's own facts: up to 20 texts of up to 500 characters.</param>
    /// <param name="ExpiresIn">Seconds that it can be paid, from 30 to 7,776,000 (90 days).</param>
    public sealed record Request(
        [property: StringLength(50)] string Purpose,
        Amount? Amount = null,
        JsonElement? Subject = null,
        [property: StringLength(50)] string? Payer = null,
        [property: StringLength(200)] string? Description = null,
        [property: StringLength(100)] string? Reference = null,
        Dictionary<string, string>? Metadata = null,
        [property: Range(30, 7_776_000)] int? ExpiresIn = null
    );

    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("", HandleAsync).RequireAuthorization(PaymentsModule.Write).LimitRate(RateLimit.Money).Produces<PaymentView>(201);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        Checkout checkout,
        GeneralLedger ledger,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var wish = new PaymentWish(request.Purpose, new PaymentOrder(caller.Person, request.Amount, request.Subject))
        {
            Payer = PayerOf(request.Payer),
            Description = PaymentWish.Clean("description", request.Description),
            Reference = PaymentWish.Clean("reference", request.Reference),
            Metadata = MetadataOf(request.Metadata),
            Life = request.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        var payment = await checkout.DrawAsync(wish, cancel);
        var commit = checkout.Create(payment, key);
        commit.Inserts.Add(
            ActivityLog.Row(
                activity.Entry(
                    http,
                    "payments.created",
                    details: new
                    {
                        payment = payment.PublicId,
                        payment.Purpose,
                        payment.Amount,
                    }
                )
            )
        );
        var receipt = await ledger.CommitAsync(commit);
        if (!receipt.Required.Replayed)
        {
            checkout.Made(payment);
        }

        return receipt.Required;
    }

    private static Guid? PayerOf(string? id) =>
        id is null ? null
        : Ids.TryRead("usr", id, out var payer) ? payer
        : throw PlatformRefusals.InvalidRequest.Field("payer", "must be an id such as usr_…");

    private static string MetadataOf(Dictionary<string, string>? facts)
    {
        if (facts is null)
        {
            return "{}";
        }

        if (
            facts.Count > MostMetadata
            || facts.Any(fact => fact.Key.Length is 0 or > 50 || fact.Value is null or { Length: > 500 } || (fact.Key + fact.Value).Any(char.IsControl))
        )
        {
            throw PlatformRefusals.InvalidRequest.Field("metadata", "takes up to 20 texts of up to 500 characters, under names of up to 50");
        }

        return JsonSerializer.Serialize(facts, Wire.Json);
    }
}
