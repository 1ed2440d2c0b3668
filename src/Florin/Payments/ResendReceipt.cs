using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Florin.Activity;
using Florin.Identity;
using Florin.Platform;

namespace Florin.Payments;

/// <summary><c>POST /v1/payments/{id}/receipt-messages</c>: staff send the payer the receipt again, to their proven address or number and nowhere else.</summary>
internal static class ResendReceipt
{
    /// <param name="Reason">3 to 200 characters.</param>
    public sealed record Request([property: Required, StringLength(200, MinimumLength = 3)] string Reason);

    public static void Map(RouteGroupBuilder payments) =>
        payments.MapPost("/{id}/receipt-messages", HandleAsync).RequireAuthorization(Policies.Support).LimitRate(RateLimit.Guessing).Produces(202);

    private static async Task<IResult> HandleAsync(
        string id,
        Request request,
        HttpContext http,
        PaymentFacts facts,
        PaymentViews views,
        People people,
        Secrets secrets,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var reason = Names.Clean(request.Reason, "reason", 200, lines: false);
        var payment = await facts.NowAsync(Ids.Read(PaymentFact.Prefix, id), cancel);
        var view = views.Of(payment.Fact, payment.Status);
        if (view.CompletedAt is not { } completed || (payment.PaidBy ?? payment.Payer) is not { } payer)
        {
            throw PaymentsRefusals.NotPaid.With();
        }

        var (channel, to) = (await people.FindAsync(payer, cancel))?.ProvenContact() ?? throw IdentityRefusals.NoContact.With();
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["payment"] = view.Id,
            ["payee"] = view.PayeeName.Length > 0 ? view.PayeeName : "the payee",
            ["amount"] = $"{view.Amount.ToDecimalString()} {view.Amount.Currency.Code}",
            ["description"] = view.Description ?? "",
            ["reference"] = view.Reference ?? "",
            ["method"] = view.Method ?? "",
            ["at"] = completed.UtcDateTime.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture),
            ["url"] = view.ReceiptUrl ?? "",
        };
        await database.TransactionAsync(
            async connection =>
            {
                await connection.InsertAsync(
                    cancel,
                    ActivityLog.Row(activity.Entry(http, "payments.receipt_resent", payer, new { payment = view.Id, reason })),
                    Outbox.Row(new MessageRequest(channel, to, "receipt", values).Event(secrets, payer))
                );
                return 0;
            },
            cancel
        );
        return Results.Accepted();
    }
}
