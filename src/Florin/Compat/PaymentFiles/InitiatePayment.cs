using Florin.Identity;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.PaymentFiles;

/// <summary><c>POST /api/initiate-payment/</c>: the caller buys one upload for 100 BDT, at a gateway's page.</summary>
internal static class InitiatePayment
{
    private const string Currency = "BDT";

    // Gateways with a page of their own, in the order in which they are taken.
    private static readonly string[] Gateways = ["aamarpay", "sandbox"];

    private sealed record Response(string Result, string PaymentUrl);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapPost("/initiate-payment", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Money);

    private static async Task<IResult> HandleAsync(Caller caller, EdgeApi api, People people, CancellationToken cancel)
    {
        var order = new { purpose = "file_credit", subject = new { service = "word_count", currency = Currency } };
        var payment = await api.SendAsync<PaymentView>("POST", "/v1/payments", order, step: "ask");
        var gateway = Array.Find(Gateways, name => payment.Methods.Contains(name, StringComparer.Ordinal));
        return Results.Json(
            new Response("true", gateway is null ? payment.PayUrl : await PageOfAsync(payment, gateway, caller, api, people, cancel)),
            Wire.Json
        );
    }

    private static async Task<string> PageOfAsync(PaymentView payment, string gateway, Caller caller, EdgeApi api, People people, CancellationToken cancel)
    {
        var person = (await people.FindAsync(caller.Person, cancel))!;
        var start = new
        {
            method = gateway,
            contact = new
            {
                name = person.DisplayName,
                email = person.Email,
                phone = person.ContactNumber ?? person.Phone,
            },
        };
        var begun = await api.SendAsync<PayPayment.Response>("POST", $"/v1/payments/{payment.Id}/pay", start, step: "pay");
        return begun.Attempt.NextAction?.Url ?? payment.PayUrl; // where the gateway did not take it, our own page says so
    }
}
