using System.Text.Encodings.Web;
using Florin.Platform;

namespace Florin.Gateways.Sandbox;

/// <summary>The sandbox gateway's page, as a card gateway's own would look: plain HTML, no script, one style that the policy knows by its digest.</summary>
internal static class SandboxPage
{
    private const string Style = """
        :root{color-scheme:light dark;--back:#f4f5f7;--card:#fff;--ink:#16181d;--soft:#565c68;--line:#d5d8de;--go:#0a6b3d;--stop:#a3231f;--mark:#7a4b00;--markback:#ffe9bd}
        @media (prefers-color-scheme:dark){:root{--back:#121418;--card:#1d2026;--ink:#f0f1f4;--soft:#a9afba;--line:#3a3f49;--go:#0d7a46;--stop:#b93a35;--mark:#ffdf9e;--markback:#4a3200}}
        *{box-sizing:border-box}
        body{margin:0;min-height:100vh;background:var(--back);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
        .sandbox{margin:0;padding:.75rem 1rem;background:var(--markback);color:var(--mark);text-align:center;font-weight:600}
        main{width:min(30rem,100% - 2rem);margin:1.5rem auto;padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
        h1{margin:0;font-size:1.1rem;font-weight:600}
        .amount{margin:.5rem 0 1rem;font-size:2rem;font-weight:700;overflow-wrap:anywhere}
        dl{margin:0 0 1.5rem;display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem}
        dt{color:var(--soft)}
        dd{margin:0;overflow-wrap:anywhere}
        label{display:block;margin-bottom:.25rem;color:var(--soft)}
        select,button,a.button{width:100%;min-height:3rem;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.5rem;background:var(--card);color:var(--ink);font:inherit}
        button,a.button{display:block;margin-top:.75rem;font-weight:600;cursor:pointer;text-align:center;text-decoration:none}
        .go{background:var(--go);border-color:var(--go);color:#fff}
        .stop{background:var(--stop);border-color:var(--stop);color:#fff}
        :focus-visible{outline:3px solid #3b82f6;outline-offset:2px}
        """;

    /// <summary>The page of a charge.</summary>
    /// <param name="charge">The charge.</param>
    /// <param name="script">The script that is chosen already.</param>
    public static StyledPage Of(SandboxCharge charge, string script) => new(Html(charge, script), Style, formAction: "'self'");

    private static string Html(SandboxCharge charge, string script)
    {
        var html = HtmlEncoder.Default;
        var amount = html.Encode(charge.Amount.ToString());
        var description = charge.Description is { Length: > 0 } text ? $"<dt>For</dt><dd>{html.Encode(text)}</dd>" : "";
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">
            <title>Pay {amount} (sandbox)</title>
            <style>{Style}</style>
            </head>
            <body>
            <p class="sandbox" role="note">SANDBOX: no real money moves here.</p>
            <main>
            <h1>Pay by card</h1>
            <p class="amount">{amount}</p>
            <dl><dt>To</dt><dd>{html.Encode(charge.Payee)}</dd>{description}</dl>
            {(charge.State is SandboxCharge.Waiting ? Form(script, html) : End(charge, html))}
            </main>
            </body>
            </html>
            """;
    }

    private static string Form(string chosen, HtmlEncoder html)
    {
        var options = SandboxScripts.OnPage.Select(one =>
            $"<option value=\"{html.Encode(one.Name)}\"{(string.Equals(one.Name, chosen, StringComparison.Ordinal) ? " selected" : "")}>"
            + $"{html.Encode(one.Meaning)}</option>"
        );
        return $"""
            <form method="post">
            <label for="script">What kind of day is it?</label>
            <select id="script" name="script">{string.Concat(options)}</select>
            <button class="go" name="outcome" value="succeed">Succeed</button>
            <button class="stop" name="outcome" value="fail">Fail (card declined)</button>
            <button name="outcome" value="cancel">Cancel</button>
            <button name="outcome" value="expire">Expire</button>
            </form>
            """;
    }

    private static string End(SandboxCharge charge, HtmlEncoder html) =>
        $"""
            <p role="status">This charge is {html.Encode(charge.State)}.</p>
            <a class="button" href="{html.Encode(SandboxPay.BackTo(charge))}">Back to the payment</a>
            """;
}
