using Florin.Money;
using Florin.Platform;

namespace Florin.Gateways;

/// <summary>What the person who runs Florin sets for the card gateways. A gateway without its secret is not offered.</summary>
internal sealed record GatewaySettings
{
    // Printed in aamarPay's documentation: whoever reads it can take payments with it that nobody is paid for.
    private const string PublicSignatureKey = "dbb74894e82415a2f7ff0ec3a97e4183";

    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">A value is malformed.</exception>
    /// <exception cref="InvalidOperationException">Keys of a test account in live mode, or of a real one in a sandbox.</exception>
    public GatewaySettings(Settings settings)
    {
        PublicUrl = settings.PublicUrl;
        Timeout = TimeSpan.FromSeconds(settings.Number("FLORIN_GATEWAY_TIMEOUT_SECONDS", 20, 1, 60));
        StripeSecretKey = settings.Text("FLORIN_STRIPE_SECRET_KEY", "");
        StripePublishableKey = settings.Text("FLORIN_STRIPE_PUBLISHABLE_KEY", "");
        StripeWebhookSecrets = settings.List("FLORIN_STRIPE_WEBHOOK_SECRET", "");
        StripeUrl = Address(settings, "FLORIN_STRIPE_URL", "https://api.stripe.com");
        AamarPayStoreId = settings.Text("FLORIN_AAMARPAY_STORE_ID", "");
        AamarPaySignatureKey = settings.Text("FLORIN_AAMARPAY_SIGNATURE_KEY", "");
        AamarPayUrl = Address(settings, "FLORIN_AAMARPAY_URL", settings.Sandbox ? "https://sandbox.aamarpay.com" : "https://secure.aamarpay.com");
        AamarPayCurrencies =
        [
            .. settings
                .List("FLORIN_AAMARPAY_CURRENCIES", "BDT")
                .Select(code => Currency.TryParse(code, out var currency) ? currency : throw Bad("FLORIN_AAMARPAY_CURRENCIES", "ISO 4217 currency codes")),
        ];
        Check(settings.Sandbox);
    }

    /// <summary>The address that payers' browsers and gateways reach.</summary>
    public string PublicUrl { get; }

    /// <summary><c>FLORIN_GATEWAY_TIMEOUT_SECONDS</c>: how long a call of a gateway may take, tries included.</summary>
    public TimeSpan Timeout { get; }

    /// <summary><c>FLORIN_STRIPE_SECRET_KEY</c>: empty where Stripe is not offered.</summary>
    public string StripeSecretKey { get; }

    /// <summary><c>FLORIN_STRIPE_PUBLISHABLE_KEY</c>: for the payer's browser.</summary>
    public string StripePublishableKey { get; }

    /// <summary><c>FLORIN_STRIPE_WEBHOOK_SECRET</c>: several while they are rotated.</summary>
    public IReadOnlyList<string> StripeWebhookSecrets { get; }

    /// <summary><c>FLORIN_STRIPE_URL</c></summary>
    public Uri StripeUrl { get; }

    /// <summary><c>FLORIN_AAMARPAY_STORE_ID</c>: empty where aamarPay is not offered.</summary>
    public string AamarPayStoreId { get; }

    /// <summary><c>FLORIN_AAMARPAY_SIGNATURE_KEY</c></summary>
    public string AamarPaySignatureKey { get; }

    /// <summary><c>FLORIN_AAMARPAY_URL</c>: the base of its addresses.</summary>
    public Uri AamarPayUrl { get; }

    /// <summary><c>FLORIN_AAMARPAY_CURRENCIES</c>: what the store takes.</summary>
    public IReadOnlyList<Currency> AamarPayCurrencies { get; }

    /// <summary>Whether Stripe is offered.</summary>
    public bool Stripe => StripeSecretKey.Length > 0;

    /// <summary>Whether aamarPay is offered.</summary>
    public bool AamarPay => AamarPayStoreId.Length > 0 && AamarPaySignatureKey.Length > 0;

    // A test account in live mode would fill wallets with money that nobody paid; a real one in a sandbox would take real money for demo things.
    private void Check(bool sandbox)
    {
        if (!sandbox && StripeSecretKey.Contains("_test_", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("FLORIN_STRIPE_SECRET_KEY is a test key: live mode needs a live one");
        }

        if (sandbox && StripeSecretKey.Contains("_live_", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("FLORIN_STRIPE_SECRET_KEY is a live key: a sandbox needs a test one");
        }

        if (!sandbox && string.Equals(AamarPaySignatureKey, PublicSignatureKey, StringComparison.Ordinal))
        {
            throw new InvalidOperationException("FLORIN_AAMARPAY_SIGNATURE_KEY is the public one of aamarPay's sandbox: live mode needs your own");
        }

        if (!sandbox && new[] { StripeUrl, AamarPayUrl }.Any(address => address.Scheme is not "https"))
        {
            throw new InvalidOperationException("FLORIN_STRIPE_URL and FLORIN_AAMARPAY_URL must begin with https:// in live mode");
        }
    }

    private static Uri Address(Settings settings, string name, string fallback) =>
        Uri.TryCreate(Base(settings.Text(name, fallback)), UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw Bad(name, "an http or https address");

    private static string Base(string url) =>
        (url.EndsWith(Settings.AamarPayPath, StringComparison.Ordinal) ? url[..^Settings.AamarPayPath.Length] : url).TrimEnd('/') + "/";

    private static FormatException Bad(string name, string expected) => new($"{name} must be {expected}");
}
