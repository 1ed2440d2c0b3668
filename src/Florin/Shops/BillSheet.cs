using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Florin.Payments;
using Florin.Platform;

namespace Florin.Shops;

/// <summary>A bill as a page that stands alone: no script, prints well, light and dark.</summary>
internal static class BillSheet
{
    private const string Style = """
        :root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;background:Canvas;color:CanvasText}
        main{max-width:26rem;margin:2rem auto;padding:1.5rem;border:1px solid color-mix(in srgb,CanvasText 20%,Canvas);border-radius:.75rem}
        h1{font-size:1.1rem;margin:0}.amount{font-size:2.2rem;font-weight:700;margin:.25rem 0;overflow-wrap:anywhere}
        .state{display:inline-block;padding:.1rem .6rem;border-radius:1rem;border:1px solid currentColor;font-size:.85rem}
        dl{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1rem;margin:1.25rem 0 0}dt{opacity:.7}dd{margin:0;text-align:right;overflow-wrap:anywhere}
        footer{margin-top:1.25rem;font-size:.85rem;opacity:.7;overflow-wrap:anywhere}@media print{main{border:0;margin:0}}
        @media (max-width:28rem){main{margin:0;border:0;border-radius:0}}
        """;

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
    public static StyledPage Page(
        string title,
        string payee,
        string amount,
        string state,
        string? description,
        IReadOnlyList<(string Name, string Value)> facts,
        string? url,
        bool sandbox
    )
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}: {Text(payee)}</title>")
            .Append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">")
            .Append(CultureInfo.InvariantCulture, $"<style>{Style}</style></head><body><main><h1>{Text(payee)}</h1>")
            .Append(amount.Length == 0 ? "" : $"<p class=\"amount\">{Text(amount)}</p>")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"state\" role=\"status\">{Text(state)}</p>");
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
