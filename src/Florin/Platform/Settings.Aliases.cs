using System.Globalization;

namespace Florin.Platform;

// The names that the replaced systems used, and what they mean here.
public sealed partial class Settings
{
    /// <summary>Names that the five replaced systems used, and what they mean here.</summary>
    public static readonly IReadOnlyDictionary<string, string> Aliases = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["SECRET_KEY"] = "FLORIN_SECRET_KEY",
        ["DATABASE_URL"] = "FLORIN_DATABASE",
        ["PORT"] = "FLORIN_URL",
        ["ALLOWED_HOSTS"] = "FLORIN_ALLOWED_HOSTS",
        ["CORS_ALLOWED_ORIGINS"] = "FLORIN_CORS_ORIGINS",
        ["EMAIL_HOST"] = "FLORIN_SMTP_HOST",
        ["EMAIL_PORT"] = "FLORIN_SMTP_PORT",
        ["EMAIL_HOST_USER"] = "FLORIN_SMTP_USER",
        ["EMAIL_HOST_PASSWORD"] = "FLORIN_SMTP_PASSWORD",
        ["DEFAULT_FROM_EMAIL"] = "FLORIN_SMTP_FROM",
        ["EMAIL_USE_TLS"] = "FLORIN_SMTP_TLS",
        ["STRIPE_SECRET_KEY"] = "FLORIN_STRIPE_SECRET_KEY",
        ["STRIPE_PUBLISHABLE_KEY"] = "FLORIN_STRIPE_PUBLISHABLE_KEY",
        ["STRIPE_WEBHOOK_SECRET"] = "FLORIN_STRIPE_WEBHOOK_SECRET",
        ["STORE_ID"] = "FLORIN_AAMARPAY_STORE_ID",
        ["SIGNATURE_KEY"] = "FLORIN_AAMARPAY_SIGNATURE_KEY",
        ["URL"] = "FLORIN_AAMARPAY_URL",
    };

    /// <summary>How the address of aamarPay ends that seed 3 wanted as <c>URL</c>; a URL without it is something else's.</summary>
    public const string AamarPayPath = "/jsonpost.php";

    private const string AnyAddress = "0.0.0.0";
    private const string ThisMachine = "127.0.0.1";

    // A few old names are so common that something else may have set them.
    private static bool Means(string alias, string value) =>
        alias switch
        {
            "URL" => value.EndsWith(AamarPayPath, StringComparison.Ordinal),
            "DATABASE_URL" => !value.StartsWith("sqlite:", StringComparison.Ordinal), // seed 2's for development; ./run has a private database
            _ => true,
        };

    // Platforms that run containers say by PORT alone where they expect us, and reach us from outside. A sandbox, whose passwords everybody knows and whose
    // codes stand in the answers, is reached so only where somebody says that it is meant.
    private string Listen(string url) =>
        !url.All(char.IsAsciiDigit) ? url
        : int.TryParse(url, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? string.Create(CultureInfo.InvariantCulture, $"http://{(Sandbox && !SandboxOpen ? ThisMachine : AnyAddress)}:{port}")
        : throw Bad("FLORIN_URL", "an address such as http://127.0.0.1:8000, or a port from 1 to 65535");
}
