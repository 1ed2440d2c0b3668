using Florin.Payments;
using Florin.Platform;

namespace Florin.Compat.PaymentFiles;

/// <summary>
/// <c>/api/payment/success/</c>, <c>…/failure/</c> and <c>…/cancel/</c>. Whatever these say, nothing is believed: of an attempt at aamarPay the gateway is
/// asked, and the answer says how the payment stands.
/// </summary>
internal static class TakeCallback
{
    private sealed record Paid(string Message, string TransactionId, string FileUploadEndpoint);

    private sealed record Open(string Message, string TransactionId);

    private sealed record Failure(string Message);

    private sealed record Cancelled(string Detail, string Status);

    internal static void Map(RouteGroupBuilder api)
    {
        var callbacks = api.MapGroup("/payment").AllowAnonymous();
        callbacks.MapPost("/success", SuccessAsync);
        callbacks.MapPost("/failure", FailureAsync);
        callbacks.MapGet("/cancel", () => Results.Json(new Cancelled("The payment was cancelled.", "cancelled"), Wire.Json));
    }

    private static async Task<IResult> SuccessAsync(
        HttpContext http,
        EdgeApi api,
        PaymentFacts facts,
        PaymentReferences references,
        Settings settings,
        CancellationToken cancel
    )
    {
        var payment = await AskAsync(http, "success", api, facts, references, cancel);
        var number = FilePayments.NumberOf(FilePayments.IdOf(payment));
        return FilePayments.StatusOf(payment.State) is "Paid"
            ? Results.Json(new Paid("Payment was successful.", number, settings.PublicUrl + "/api/upload/"), Wire.Json)
            : Results.Json(new Open($"The payment is {FilePayments.StatusOf(payment.State)}.", number), Wire.Json);
    }

    private static async Task<IResult> FailureAsync(HttpContext http, EdgeApi api, PaymentFacts facts, PaymentReferences references, CancellationToken cancel)
    {
        var payment = await AskAsync(http, "fail", api, facts, references, cancel);
        return Results.Json(new Failure($"The payment is {FilePayments.StatusOf(payment.State)}."), Wire.Json);
    }

    // By our number of the payment, or by the attempt's, which is what the gateway knows.
    private static async Task<PaymentFact> FindAsync(string number, PaymentFacts facts, CancellationToken cancel) =>
        FilePayments.PaymentOf(number) is { } payment ? await facts.NamedAsync(Ids.Show(PaymentFact.Prefix, payment), cancel)
        : Guid.TryParseExact(number, "N", out var attempt) && await facts.OfAttemptAsync(attempt, cancel) is { } fact ? fact
        : throw PlatformRefusals.NotFound.With();

    private static async Task<PaymentView> AskAsync(
        HttpContext http,
        string word,
        EdgeApi api,
        PaymentFacts facts,
        PaymentReferences references,
        CancellationToken cancel
    )
    {
        var body = await EdgeBody.ReadAsync(http.Request, cancel);
        var number = body.Text("mer_txnid", 64);
        var words = body.TextOrNull("pay_status", 64) ?? "";
        body.Check();
        var fact = await FindAsync(number, facts, cancel);
        var payment = fact.Id;
        if ((await references.OfAsync([payment], cancel)).GetValueOrDefault(payment) is { Method: "aamarpay", Attempt: { } attempt })
        {
            using var form = new FormUrlEncodedContent([
                KeyValuePair.Create("mer_txnid", attempt.ToString("N")),
                KeyValuePair.Create("pay_status", words), // other words are another callback, of which the gateway is asked again
            ]);
            await using var content = await form.ReadAsStreamAsync(cancel);
            var address = $"/v1/gateways/aamarpay/{attempt:N}/{word}";
            await api.PostAsync(address, content, form.Headers.ContentType!.ToString());
        }

        return await api.GetAsync<PaymentView>("/v1/payments/" + fact.Code);
    }
}
