using System.Globalization;
using Florin.Money;

namespace Florin.Platform;

/// <summary>Whether money is real.</summary>
public enum Mode
{
    /// <summary>Demo people, the sandbox gateway and codes in answers.</summary>
    Sandbox,

    /// <summary>None of that; weak secrets refuse to start.</summary>
    Live,
}

/// <summary>
/// What the person who runs Florin may set, from the environment, a <c>.env</c> file in the working folder, or command-line configuration.
/// <c>docs/settings.md</c> lists every name; a test compares it with <see cref="Names"/>.
/// </summary>
public sealed partial class Settings
{
    // What stands in examples and templates, and so is no secret.
    private static readonly string[] Placeholders = ["django-insecure", "changeme", "change-me", "change_me", "your-secret", "your_secret"];

    private readonly IConfiguration configuration;
    private readonly SortedDictionary<string, string> defaults = new(StringComparer.Ordinal);

    /// <summary>Reads all settings.</summary>
    /// <exception cref="FormatException">A value is malformed; the message names it.</exception>
    public Settings(IConfiguration configuration)
    {
        this.configuration = configuration;
        Mode = Enum.TryParse<Mode>(Text("FLORIN_MODE", "sandbox"), ignoreCase: true, out var mode) ? mode : throw Bad("FLORIN_MODE", "sandbox or live");
        Demo = Flag("FLORIN_DEMO", true) && Sandbox;
        SandboxOpen = Flag("FLORIN_SANDBOX_OPEN", false);
        Url = Listen(Text("FLORIN_URL", "http://127.0.0.1:8000"));
        PublicUrl = Text(
                "FLORIN_PUBLIC_URL",
                Url.Replace(ThisMachine, "localhost", StringComparison.Ordinal).Replace(AnyAddress, "localhost", StringComparison.Ordinal)
            )
            .TrimEnd('/');
        Data = Path.GetFullPath(Text("FLORIN_DATA", ".data"));
        DatabaseConnection = DatabaseUrl.ConnectionString(Text("FLORIN_DATABASE", ""));
        DatabaseOwnerConnection = DatabaseUrl.ConnectionString(Text("FLORIN_DATABASE_OWNER", ""));
        DatabaseSuperuserConnection = DatabaseUrl.ConnectionString(Text("FLORIN_DATABASE_SUPERUSER", ""));
        SecretKey = Text("FLORIN_SECRET_KEY", "");
        FormerSecretKey = Text("FLORIN_SECRET_KEY_FORMER", "");
        AllowedHosts = List("FLORIN_ALLOWED_HOSTS", "*");
        CorsOrigins = Each("FLORIN_CORS_ORIGINS", IsOrigin, "origins such as https://shop.example.org");
        KnownProxies = Each("FLORIN_KNOWN_PROXIES", IsAddress, "network addresses or networks such as 10.0.0.0/8");
        DefaultCurrency = CurrencyOf("FLORIN_DEFAULT_CURRENCY", "USD");
        Currencies = [.. List("FLORIN_CURRENCIES", "KZT,EUR,USD,BDT").Select(code => CurrencyOf("FLORIN_CURRENCIES", code, given: true))];
        WalletsPerPerson = Number("FLORIN_WALLETS_PER_PERSON", 3, 1, 100);
        MonthlyFee = AmountOf("FLORIN_FEE_AMOUNT", "200", CurrencyOf("FLORIN_FEE_CURRENCY", "KZT"));
        MonthlyFees = Currencies
            .Where(currency => Text("FLORIN_FEE_" + currency.Code, "").Length > 0)
            .ToDictionary(currency => currency, currency => AmountOf("FLORIN_FEE_" + currency.Code, "0", currency));
        CardLimits = AmountsOf("FLORIN_CARD_LIMIT_", 10);
        PayoutLimits = AmountsOf("FLORIN_PAYOUT_LIMIT_", 1_000);
        LogFormat = Text("FLORIN_LOG_FORMAT", "text") switch
        {
            "text" => "text",
            "json" => "json",
            _ => throw Bad("FLORIN_LOG_FORMAT", "text or json"),
        };
        LogFiles = Flag("FLORIN_LOG_FILES", false);
        LogLevel = Enum.TryParse<LogLevel>(Text("FLORIN_LOG_LEVEL", "Information"), ignoreCase: true, out var level)
            ? level
            : throw Bad("FLORIN_LOG_LEVEL", "a log level");
        LogFileMegabytes = Number("FLORIN_LOG_FILE_MB", 20, 1, 10_000);
        LogFileCount = Number("FLORIN_LOG_FILE_COUNT", 14, 1, 10_000);
        MetricsToken = Text("FLORIN_METRICS_TOKEN", "");
        MaxConnections = Number("FLORIN_MAX_CONNECTIONS", 10_000, 1, 1_000_000);
        RateLimits = Flag("FLORIN_RATE_LIMITS", true);
        QueueLimit = Number("FLORIN_LEDGER_QUEUE", 20_000, 1, 1_000_000);
        BatchLimit = Number("FLORIN_LEDGER_BATCH", 2_000, 1, 10_000);
        PaymentLife = TimeSpan.FromMinutes(Number("FLORIN_PAYMENT_MINUTES", 30, 1, 129_600));
        FxUrl = Address("FLORIN_FX_URL", Sandbox ? "" : "https://api.exchangerate-api.com");
        FxTimeout = TimeSpan.FromSeconds(Number("FLORIN_FX_TIMEOUT_SECONDS", 5, 1, 60));
        FxRefreshMinutes = Number("FLORIN_FX_REFRESH_MINUTES", 30, 1, 60);
        FxMaxAge = TimeSpan.FromHours(Number("FLORIN_FX_MAX_AGE_HOURS", 24, 1, 720));
        FxJumpPercent = Number("FLORIN_FX_JUMP_PERCENT", 10, 1, 1_000);
        FxJumpConfirmations = Number("FLORIN_FX_JUMP_CONFIRMATIONS", 3, 1, 100);
        FxSpreadBps = Number("FLORIN_FX_SPREAD_BPS", 100, 0, 5_000);
        FxQuoteLife = TimeSpan.FromSeconds(Number("FLORIN_FX_QUOTE_SECONDS", 60, 1, 3_600));
        Jobs = Flag("FLORIN_JOBS", true);
        IdempotencyDays = Number("FLORIN_IDEMPOTENCY_DAYS", 7, 7, 3650);
        SmtpHost = Text("FLORIN_SMTP_HOST", "");
        SmtpPort = Number("FLORIN_SMTP_PORT", 587, 1, 65535);
        SmtpUser = Text("FLORIN_SMTP_USER", "");
        SmtpPassword = Text("FLORIN_SMTP_PASSWORD", "");
        SmtpFrom = Text("FLORIN_SMTP_FROM", "Florin <no-reply@localhost>");
        SmtpTls = Flag("FLORIN_SMTP_TLS", true);
        SmsUrl = Text("FLORIN_SMS_URL", "");
        SmsToken = Text("FLORIN_SMS_TOKEN", "");
        WebhookAllowPrivate = Flag("FLORIN_WEBHOOK_ALLOW_PRIVATE", false);
        WebhookPauseScale = Number("FLORIN_WEBHOOK_PAUSE_SCALE", 1, 1, Sandbox ? 1_000_000 : 1);
        PasswordIterations = Number("FLORIN_PASSWORD_ITERATIONS", 210_000, Sandbox ? 1_000 : 210_000, 10_000_000);
    }

    /// <summary>Every name that was asked for, sorted.</summary>
    public IReadOnlyCollection<string> Names => defaults.Keys;

    /// <summary>Every name that was asked for, with the value that holds where nobody sets it.</summary>
    public IReadOnlyDictionary<string, string> Defaults => defaults;

    /// <summary><c>FLORIN_MODE</c></summary>
    public Mode Mode { get; }

    /// <summary>Whether this is sandbox mode.</summary>
    public bool Sandbox => Mode == Mode.Sandbox;

    /// <summary><c>FLORIN_DEMO</c>: whether demo people with money are made at the start; never in live mode.</summary>
    public bool Demo { get; }

    /// <summary><c>FLORIN_SANDBOX_OPEN</c>: whether a port alone makes a sandbox listen on every address of the machine, as it does in live mode.</summary>
    public bool SandboxOpen { get; }

    /// <summary><c>FLORIN_URL</c>: where the server listens.</summary>
    public string Url { get; }

    /// <summary><c>FLORIN_PUBLIC_URL</c>: the address that people and gateways reach; links are built from it, never from the Host header.</summary>
    public string PublicUrl { get; }

    /// <summary><c>FLORIN_DATA</c>: the folder for everything that is kept in files.</summary>
    public string Data { get; }

    /// <summary><c>FLORIN_SECRET_KEY</c>: the installation's secret; in sandbox mode one is made and kept under <see cref="Data"/>.</summary>
    public string SecretKey { get; }

    /// <summary><c>FLORIN_ALLOWED_HOSTS</c></summary>
    public IReadOnlyList<string> AllowedHosts { get; }

    /// <summary><c>FLORIN_CORS_ORIGINS</c>: origins whose pages may call the API; empty for none.</summary>
    public IReadOnlyList<string> CorsOrigins { get; }

    /// <summary><c>FLORIN_KNOWN_PROXIES</c>: addresses whose <c>X-Forwarded-For</c> and <c>-Proto</c> are believed.</summary>
    public IReadOnlyList<string> KnownProxies { get; }

    /// <summary><c>FLORIN_DEFAULT_CURRENCY</c>: where an old client names none.</summary>
    public Currency DefaultCurrency { get; }

    /// <summary><c>FLORIN_CURRENCIES</c>: what wallets may be opened in.</summary>
    public IReadOnlyList<Currency> Currencies { get; }

    /// <summary><c>FLORIN_WALLETS_PER_PERSON</c></summary>
    public int WalletsPerPerson { get; }

    /// <summary><c>FLORIN_FEE_AMOUNT</c> in <c>FLORIN_FEE_CURRENCY</c>: what a wallet costs a month, converted for wallets of other currencies; 0 for nothing.</summary>
    public Amount MonthlyFee { get; }

    /// <summary><c>FLORIN_FEE_</c> and a currency's code: what a wallet of this currency costs instead, such as <c>FLORIN_FEE_USD=0.50</c>.</summary>
    public IReadOnlyDictionary<Currency, Amount> MonthlyFees { get; }

    /// <summary><c>FLORIN_CARD_LIMIT_</c> and a currency's code: what a new card pays without the PIN, where its owner says nothing else.</summary>
    public IReadOnlyDictionary<Currency, Amount> CardLimits { get; }

    /// <summary><c>FLORIN_PAYOUT_LIMIT_</c> and a currency's code: above it two people approve a payout.</summary>
    public IReadOnlyDictionary<Currency, Amount> PayoutLimits { get; }

    /// <summary><c>FLORIN_LOG_FORMAT</c>: <c>text</c> or <c>json</c>.</summary>
    public string LogFormat { get; }

    /// <summary><c>FLORIN_LOG_FILES</c>: whether logs are also kept under <c>Data/logs</c>, rotated.</summary>
    public bool LogFiles { get; }

    /// <summary><c>FLORIN_LOG_LEVEL</c></summary>
    public LogLevel LogLevel { get; }

    /// <summary><c>FLORIN_LOG_FILE_MB</c>: the size at which the next log file is begun.</summary>
    public int LogFileMegabytes { get; }

    /// <summary><c>FLORIN_LOG_FILE_COUNT</c>: how many log files are kept.</summary>
    public int LogFileCount { get; }

    /// <summary><c>FLORIN_METRICS_TOKEN</c>: the bearer token that reads <c>/metrics</c> from another machine; empty for none.</summary>
    public string MetricsToken { get; }

    /// <summary><c>FLORIN_MAX_CONNECTIONS</c>: connections that this process takes at a time.</summary>
    public int MaxConnections { get; }

    /// <summary><c>FLORIN_RATE_LIMITS</c>: off only for load tests.</summary>
    public bool RateLimits { get; }

    /// <summary><c>FLORIN_LEDGER_QUEUE</c>: commits that may wait; the next one is refused with 503.</summary>
    public int QueueLimit { get; }

    /// <summary><c>FLORIN_LEDGER_BATCH</c>: commits in one transaction at most.</summary>
    public int BatchLimit { get; }

    /// <summary><c>FLORIN_PAYMENT_MINUTES</c>: how long a payment waits for its payer where nobody says otherwise.</summary>
    public TimeSpan PaymentLife { get; }

    /// <summary><c>FLORIN_FX_URL</c>: the provider of exchange rates; null for the sandbox's fixed table.</summary>
    public Uri? FxUrl { get; }

    /// <summary><c>FLORIN_FX_TIMEOUT_SECONDS</c>: how long the provider may take.</summary>
    public TimeSpan FxTimeout { get; }

    /// <summary><c>FLORIN_FX_REFRESH_MINUTES</c>: how often rates are fetched.</summary>
    public int FxRefreshMinutes { get; }

    /// <summary><c>FLORIN_FX_MAX_AGE_HOURS</c>: nothing is converted at an older rate.</summary>
    public TimeSpan FxMaxAge { get; }

    /// <summary><c>FLORIN_FX_JUMP_PERCENT</c>: a fetched rate that differs by more is kept aside.</summary>
    public int FxJumpPercent { get; }

    /// <summary><c>FLORIN_FX_JUMP_CONFIRMATIONS</c>: in so many fetches in a row a jump is believed.</summary>
    public int FxJumpConfirmations { get; }

    /// <summary><c>FLORIN_FX_SPREAD_BPS</c>: what a conversion costs, in hundredths of a per cent of the source amount.</summary>
    public int FxSpreadBps { get; }

    /// <summary><c>FLORIN_FX_QUOTE_SECONDS</c>: how long a quote is locked.</summary>
    public TimeSpan FxQuoteLife { get; }

    /// <summary><c>FLORIN_JOBS</c>: whether this server runs recurring jobs; one server of a cluster is enough.</summary>
    public bool Jobs { get; }

    /// <summary><c>FLORIN_IDEMPOTENCY_DAYS</c>: how long answers are kept under their keys, at least 7.</summary>
    public int IdempotencyDays { get; }

    /// <summary><c>FLORIN_SMTP_HOST</c>: the mail server; empty where there is none.</summary>
    public string SmtpHost { get; }

    /// <summary><c>FLORIN_SMTP_PORT</c>: 587 speaks STARTTLS; 465 (TLS from the first byte) is not supported.</summary>
    public int SmtpPort { get; }

    /// <summary><c>FLORIN_SMTP_USER</c>: empty to send without signing in.</summary>
    public string SmtpUser { get; }

    /// <summary><c>FLORIN_SMTP_PASSWORD</c></summary>
    public string SmtpPassword { get; }

    /// <summary><c>FLORIN_SMTP_FROM</c>: the sender, as <c>Name &lt;address&gt;</c>.</summary>
    public string SmtpFrom { get; }

    /// <summary><c>FLORIN_SMTP_TLS</c>: whether STARTTLS is demanded; off only for a mail server on the same machine.</summary>
    public bool SmtpTls { get; }

    /// <summary><c>FLORIN_SMS_URL</c>: where text messages are posted as JSON; empty where there is no provider.</summary>
    public string SmsUrl { get; }

    /// <summary><c>FLORIN_SMS_TOKEN</c>: the bearer token for it.</summary>
    public string SmsToken { get; }

    /// <summary><c>FLORIN_WEBHOOK_ALLOW_PRIVATE</c>: whether webhooks may go to private networks and to this machine.</summary>
    public bool WebhookAllowPrivate { get; }

    /// <summary><c>FLORIN_WEBHOOK_PAUSE_SCALE</c>: for benchmarks, in sandbox mode only: how many times shorter the pauses between tries are.</summary>
    public int WebhookPauseScale { get; }

    /// <summary><c>FLORIN_PASSWORD_ITERATIONS</c>: rounds of PBKDF2-HMAC-SHA-512 per password; fewer than OWASP's 210,000 only in sandbox mode.</summary>
    public int PasswordIterations { get; }

    private bool IsInSecretKey(string text) => SecretKey.Contains(text, StringComparison.OrdinalIgnoreCase);

    /// <summary>The data folder's secret, made at the first start of a sandbox; live mode demands a configured one.</summary>
    /// <exception cref="InvalidOperationException">Live mode with no or a weak secret.</exception>
    public string ResolveSecretKey()
    {
        if (!Sandbox && (SecretKey.Length < 32 || SecretKey.Distinct().Count() < 10 || Placeholders.Any(IsInSecretKey)))
        {
            throw new InvalidOperationException(
                "FLORIN_SECRET_KEY must be set to at least 32 random characters in live mode, for example: openssl rand -base64 48"
            );
        }

        if (SecretKey.Length > 0)
        {
            return SecretKey;
        }

        var path = Path.Combine(Data, "secret-key");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Data);
            var fresh = Path.Combine(Data, $"secret-key.{Guid.NewGuid():N}");
            File.WriteAllText(fresh, Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(48)));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(fresh, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            try
            {
                File.Move(fresh, path, overwrite: false);
            }
            catch (IOException)
            {
                File.Delete(fresh); // another process made it first
            }
        }

        return File.ReadAllText(path).Trim();
    }

    /// <summary>A setting that is text.</summary>
    public string Text(string name, string fallback)
    {
        defaults[name] = fallback;
        var alias = Aliases.FirstOrDefault(pair => string.Equals(pair.Value, name, StringComparison.Ordinal)).Key;
        return configuration[name] is { Length: > 0 } value ? value
            : alias is not null && configuration[alias] is { Length: > 0 } old && Means(alias, old) ? old
            : fallback;
    }

    /// <summary>A setting that is a whole number within bounds.</summary>
    public int Number(string name, int fallback, int least, int most) =>
        int.TryParse(Text(name, fallback.ToString(CultureInfo.InvariantCulture)), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        && value >= least
        && value <= most
            ? value
            : throw Bad(name, $"a whole number from {least} to {most}");

    /// <summary>A setting that is <c>true</c>/<c>1</c> or <c>false</c>/<c>0</c>.</summary>
    public bool Flag(string name, bool fallback) =>
        Text(name, fallback ? "true" : "false").ToLowerInvariant() switch
        {
            "true" or "1" or "yes" or "on" => true,
            "false" or "0" or "no" or "off" => false,
            _ => throw Bad(name, "true or false"),
        };

    /// <summary>A setting that is a list with commas.</summary>
    public IReadOnlyList<string> List(string name, string fallback) =>
        Text(name, fallback).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private Uri? Address(string name, string fallback)
    {
        var text = Text(name, fallback).TrimEnd('/');
        return text.Length == 0 ? null
            : Uri.TryCreate(text + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
            : throw Bad(name, "an http or https address");
    }

    private IReadOnlyList<string> Each(string name, Func<string, bool> isGood, string expected)
    {
        var values = List(name, "");
        return values.All(isGood) ? values : throw Bad(name, expected);
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var origin)
        && origin.Scheme is "http" or "https"
        && string.Equals(origin.GetLeftPart(UriPartial.Authority), text, StringComparison.OrdinalIgnoreCase);

    private static bool IsAddress(string text) => System.Net.IPAddress.TryParse(text, out _) || System.Net.IPNetwork.TryParse(text, out _);

    private static FormatException Bad(string name, string expected) => new($"{name} must be {expected}");

    // People write 200 as well as 200.00.
    private Amount AmountOf(string name, string fallback, Currency currency)
    {
        var text = Text(name, fallback);
        var exact = text.Contains('.', StringComparison.Ordinal) || currency.Digits == 0 ? text : $"{text}.{new string('0', currency.Digits)}";
        return Amount.TryParse(exact, currency, out var amount)
            ? amount
            : throw Bad(name, $"an amount of {currency.Code} with {currency.Digits} digits after the point");
    }

    /// <summary>A setting that is an amount in each of <see cref="Currencies"/>.</summary>
    /// <param name="prefix">What stands before the currency's code.</param>
    /// <param name="dollars">Where nothing is set: a round sum of about so many US dollars.</param>
    public IReadOnlyDictionary<Currency, Amount> AmountsOf(string prefix, int dollars) =>
        Currencies.ToDictionary(currency => currency, currency => AmountOf(prefix + currency.Code, About(dollars, currency), currency));

    // A round sum of about so many dollars.
    private static string About(int dollars, Currency currency) =>
        (
            dollars
            * currency.Code switch
            {
                "KZT" => 500,
                "BDT" => 100,
                _ => 1,
            }
        ).ToString(CultureInfo.InvariantCulture);

    private Currency CurrencyOf(string name, string code, bool given = false) =>
        Currency.TryParse(given ? code : Text(name, code), out var currency) ? currency : throw Bad(name, "ISO 4217 currency codes");
}
