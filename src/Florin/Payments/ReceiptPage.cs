using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>A receipt, a bill, or how a payment stands, as a page: no script, prints well, light and dark.</summary>
public static class ReceiptPage
{
    private const string Style = """
        :root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;background:Canvas;color:CanvasText}
        main{max-width:26rem;margin:2rem auto;padding:1.5rem;border:1px solid color-mix(in srgb,CanvasText 20%,Canvas);border-radius:.75rem}
        h1{font-size:1.1rem;margin:0}.amount{font-size:2.2rem;font-weight:700;margin:.25rem 0;overflow-wrap:anywhere}
        .state{display:inline-block;padding:.1rem .6rem;border-radius:1rem;border:1px solid currentColor;font-size:.85rem}
        dl{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1rem;margin:1.25rem 0 0}dt{opacity:.7}dd{margin:0;text-align:right;overflow-wrap:anywhere}
        .good{color:#0a6b3d}.bad{padding:.75rem;border:2px solid #b3261e;border-radius:.5rem;font-weight:600}
        @media (prefers-color-scheme:dark){.good{color:#5fd39a}}
        footer{margin-top:1.25rem;font-size:.85rem;opacity:.7;overflow-wrap:anywhere}@media print{main{border:0;margin:0}}
        @media (max-width:28rem){main{margin:0;border:0;border-radius:0}}
        """;

    /// <summary>The receipt.</summary>
    internal static IResult Of(ShowReceipt.Response receipt, bool sandbox)
    {
        var facts = new List<(string Name, string Value)>
        {
            ("Paid", receipt.PaidAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
            ("Method", receipt.Method ?? ""),
            ("Number", receipt.Number),
        };
        if (receipt.Taken is { } taken && taken.Currency != receipt.Amount.Currency)
        {
            facts.Insert(0, ("Taken from the payer", taken.ToString()));
        }

        if (receipt.Reference is { } reference)
        {
            facts.Add(("Reference", reference));
        }

        facts.AddRange(receipt.Refunds.Select(refund => ($"Refund, {refund.State}", $"{refund.Amount}")));
        return Page("Receipt", receipt.Payee, receipt.Amount.ToString(), StateInWords(receipt.State), receipt.Description, facts, receipt.Url, sandbox);
    }

    /// <summary>How a payment stands that is not paid.</summary>
    /// <param name="payment">What never changes of it.</param>
    /// <param name="status">How it stands.</param>
    /// <param name="verified">Whether the QR code that led here is ours; null where none did.</param>
    /// <param name="sandbox">Whether no money is real.</param>
    internal static IResult Of(PaymentFact payment, PaymentStatus status, bool? verified, bool sandbox) =>
        Page(
            "Payment",
            payment.PayeeName,
            payment.Amount.ToString(),
            StateInWords(status.State),
            payment.Description,
            status.Open
                ?
                [
                    ("Can be paid until", payment.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
                    ("Number", payment.PublicId),
                ]
                : [("Number", payment.PublicId)],
            null,
            sandbox,
            verified
        );

    /// <summary>Whom a standing code pays: the payer says the amount in their own wallet.</summary>
    /// <param name="payee">As payers read it.</param>
    /// <param name="open">Whether it can be paid.</param>
    /// <param name="verified">Whether the QR code that led here is ours; null where none did.</param>
    /// <param name="sandbox">Whether no money is real.</param>
    public static IResult OfPayee(string payee, bool open, bool? verified, bool sandbox) =>
        Page("Pay", payee, "", open ? "say the amount in your wallet" : "closed: it can no longer be paid", null, [], null, sandbox, verified);

    /// <summary>One of <see cref="PaymentStates"/> for people.</summary>
    public static string StateInWords(string state) =>
        state switch
        {
            PaymentStates.Pending => "waiting for payment",
            PaymentStates.Processing => "being paid",
            PaymentStates.Completed => "paid",
            PaymentStates.PartiallyRefunded => "paid, partly refunded",
            PaymentStates.Refunded => "refunded",
            PaymentStates.Cancelled => "cancelled: nothing is owed",
            PaymentStates.Expired => "expired: ask for a new one",
            _ => "failed: ask for a new one",
        };

    /// <summary>A page about one payment; all texts are plain.</summary>
    /// <param name="title">What it is.</param>
    /// <param name="payee">Who is paid.</param>
    /// <param name="amount">In large.</param>
    /// <param name="state">In words.</param>
    /// <param name="description">What the payee wrote for the payer.</param>
    /// <param name="facts">Rows of names and values.</param>
    /// <param name="url">An address to print.</param>
    /// <param name="sandbox">Whether to say that no real money moves.</param>
    /// <param name="verified">Whether the QR code that led here is ours; null where none did.</param>
    public static StyledPage Page(
        string title,
        string payee,
        string amount,
        string state,
        string? description,
        IReadOnlyList<(string Name, string Value)> facts,
        string? url,
        bool sandbox,
        bool? verified = null
    )
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}: {Text(payee)}</title>")
            .Append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">")
            .Append(CultureInfo.InvariantCulture, $"<style>{Style}</style></head><body><main><h1>{Text(payee)}</h1>")
            .Append(amount.Length == 0 ? "" : $"<p class=\"amount\">{Text(amount)}</p>")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"state\" role=\"status\">{Text(state)}</p>");
        if (verified is { } ours)
        {
            html.Append(
                ours
                    ? $"<p class=\"good\">verified: {Text(payee)}</p>"
                    : "<p class=\"bad\" role=\"alert\">Warning: this QR code was changed or was not made here. Check with the shop before you pay.</p>"
            );
        }

        if (description is not null)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p>{Text(description)}</p>");
        }

        html.Append("<dl>");
        foreach (var (name, value) in facts)
        {
            html.Append(CultureInfo.InvariantCulture, $"<dt>{Text(name)}</dt><dd>{Text(value)}</dd>");
        }

        html.Append("</dl>");
        if (sandbox)
        {
            html.Append("<footer><strong>SANDBOX: no real money moves here.</strong></footer>");
        }

        if (url is not null)
        {
            html.Append(CultureInfo.InvariantCulture, $"<footer>{Text(url)}</footer>");
        }

        return new StyledPage(html.Append("</main></body></html>").ToString(), Style);
    }

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
