using System.Text.Json;
using Florin.Money;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>A payment as it is answered.</summary>
/// <param name="Id"><c>pay_…</c></param>
/// <param name="Purpose">What it is for.</param>
/// <param name="State">One of <see cref="PaymentStates"/>.</param>
/// <param name="Amount">What the payer pays.</param>
/// <param name="Fee">What the house takes of it; shown on the payee's side only.</param>
/// <param name="PayeeName">Who is paid, as the payer reads it.</param>
/// <param name="Owner">The person who answers for the payee; null where the house itself sells.</param>
/// <param name="Payer">Who paid, or who is to pay.</param>
/// <param name="Subject">What the purpose is about, such as the shop.</param>
/// <param name="Description">What the payee wrote for the payer.</param>
/// <param name="Reference">The payee's own number for it.</param>
/// <param name="Metadata">The payee's own facts.</param>
/// <param name="Method">Which method collected it.</param>
/// <param name="Methods">Which methods it can be paid by now.</param>
/// <param name="Refunded">What went back.</param>
/// <param name="Code">For the payer's page.</param>
/// <param name="WatchCode">For a display that only watches it; shown on the payee's side only.</param>
/// <param name="PayUrl">The payer's page.</param>
/// <param name="ReceiptUrl">The receipt, once it is paid.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it can no longer be begun to be paid.</param>
/// <param name="CompletedAt">When it was paid.</param>
/// <param name="EndedAt">When it failed, was cancelled or expired.</param>
public sealed record PaymentView(
    string Id,
    string Purpose,
    string State,
    Amount Amount,
    Amount? Fee,
    string PayeeName,
    string? Owner,
    string? Payer,
    JsonElement Subject,
    string? Description,
    string? Reference,
    JsonElement Metadata,
    string? Method,
    IReadOnlyList<string> Methods,
    Amount Refunded,
    string Code,
    string? WatchCode,
    string PayUrl,
    string? ReceiptUrl,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? CompletedAt,
    DateTimeOffset? EndedAt
);

/// <summary>Shows payments.</summary>
internal sealed class PaymentViews(Settings settings, WatchCodes watch, IEnumerable<IPaymentMethod> methods)
{
    private readonly IPaymentMethod[] methods = [.. methods];

    /// <summary>A payment as the payer sees it, or, with its fee and watch code, as the payee does.</summary>
    public PaymentView Of(PaymentFact payment, PaymentStatus status, bool payee = false) =>
        new(
            payment.PublicId,
            payment.Purpose,
            status.State,
            payment.Amount,
            payee ? new Amount(payment.Fee, payment.Amount.Currency) : null,
            payment.PayeeName,
            payment.Owner == PaymentFact.House ? null : Ids.Show("usr", payment.Owner),
            (status.PaidBy ?? payment.Payer) is { } payer ? Ids.Show("usr", payer) : null,
            Json(payment.Subject),
            payment.Description,
            payment.Reference,
            Json(payment.Metadata),
            status.Method,
            status.Open ? Offered(payment) : [],
            new Amount(status.Refunded, payment.Amount.Currency),
            payment.Code,
            payee ? watch.Of(payment.Id) : null,
            $"{settings.PublicUrl}/pay/{payment.Code}",
            status.CompletedAt is null ? null : $"{settings.PublicUrl}/receipts/{payment.Code}",
            payment.CreatedAt,
            payment.ExpiresAt,
            status.CompletedAt,
            status.EndedAt
        );

    private List<string> Offered(PaymentFact payment)
    {
        var names = new List<string>(methods.Length);
        foreach (var method in methods)
        {
            if (method.Offers(payment))
            {
                names.Add(method.Name);
            }
        }

        return names;
    }

    private static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new { });

    private static JsonElement Json(string text)
    {
        if (text is "{}")
        {
            return Empty;
        }

        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
