using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Florin.Bench;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Florin.Tests.Gateways;

/// <summary>A charge at the small aamarPay: what was asked for, and what its check says.</summary>
public sealed class AamarPayCharge
{
    /// <summary>The fields as they were sent.</summary>
    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    /// <summary>Its own number.</summary>
    public string Number { get; } = "AAM" + Guid.NewGuid().ToString("N")[..16];

    /// <summary>What its check says.</summary>
    public string PayStatus { get; set; } = "Pending";

    /// <summary>The status's code; 2 is successful.</summary>
    public string StatusCode { get; set; } = "0";

    /// <summary>The amount that its check says.</summary>
    public string Amount { get; set; } = "";

    /// <summary>The currency that its check says.</summary>
    public string Currency { get; set; } = "";

    /// <summary>Our number that its check says.</summary>
    public string MerchantNumber { get; set; } = "";

    /// <summary>The store that its check says.</summary>
    public string Store { get; set; } = AamarPayServer.StoreId;
}

/// <summary>
/// A small aamarPay on a real port: <c>jsonpost.php</c> and the check. Strict about what it receives; what the real one would refuse stands in
/// <see cref="Faults"/>. Errors come with status 200, as the real one's do. Start it, give its settings to the app (<see cref="Settings"/>), tell it
/// moods (<see cref="Moods"/>), and play the payer (<see cref="Become"/>).
/// </summary>
public sealed partial class AamarPayServer : IAsyncDisposable
{
    /// <summary>The store that it takes.</summary>
    public const string StoreId = "aamarpaytest";

    /// <summary>The key that it takes: the public one of aamarPay's sandbox.</summary>
    public const string SignatureKey = "dbb74894e82415a2f7ff0ec3a97e4183";

    private const string Unknown = """{"status":"Invalid","msg":"No transaction found"}""";

    private static readonly string[] Needed =
    [
        "store_id",
        "signature_key",
        "tran_id",
        "amount",
        "currency",
        "success_url",
        "fail_url",
        "cancel_url",
        "desc",
        "cus_name",
        "cus_email",
        "cus_phone",
        "type",
    ];

    private static readonly string[] Addresses = ["success_url", "fail_url", "cancel_url"];

    private static readonly string[] Allowed =
    [
        "cus_add1",
        "cus_add2",
        "cus_city",
        "cus_state",
        "cus_postcode",
        "cus_country",
        "opt_a",
        "opt_b",
        "opt_c",
        "opt_d",
    ];

    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, AamarPayCharge> charges = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> faults = new();

    private AamarPayServer()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(ServeAsync);
    }

    /// <summary>Its address.</summary>
    public string Url => app.Urls.First();

    /// <summary>How it treats the next requests.</summary>
    public Moods Moods { get; } = new();

    /// <summary>Every charge.</summary>
    public IReadOnlyCollection<AamarPayCharge> Charges => [.. charges.Values];

    /// <summary>What it had to refuse or should not have been sent; a test ends with none.</summary>
    public IReadOnlyCollection<string> Faults => faults;

    /// <summary>What its check says of a number that it does not know.</summary>
    public string NotFound { get; set; } = Unknown;

    public static async Task<AamarPayServer> StartAsync()
    {
        var server = new AamarPayServer();
        await server.app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Forgets all of it, for the next test of a class.</summary>
    public void Reset()
    {
        charges.Clear();
        faults.Clear();
        Moods.Clear();
        NotFound = Unknown;
    }

    /// <summary>The settings that lead an app here.</summary>
    public void Settings(Dictionary<string, string> settings)
    {
        settings["FLORIN_AAMARPAY_URL"] = Url;
        settings["FLORIN_AAMARPAY_STORE_ID"] = StoreId;
        settings["FLORIN_AAMARPAY_SIGNATURE_KEY"] = SignatureKey;
    }

    /// <summary>The charge of our attempt.</summary>
    public AamarPayCharge Of(Guid attempt) => charges[attempt.ToString("N")];

    /// <summary>The check says this from now on: <c>Successful</c> (code 2), <c>Failed</c> (7), <c>Expired</c> …</summary>
    public AamarPayCharge Become(Guid attempt, string status, string? code = null)
    {
        var charge = Of(attempt);
        charge.PayStatus = status;
        charge.StatusCode =
            code
            ?? status switch
            {
                "Successful" => "2",
                "Failed" => "7",
                _ => "0",
            };
        return charge;
    }

    /// <summary>What the payer's browser brings back.</summary>
    public static FormUrlEncodedContent Return(AamarPayCharge charge) =>
        new(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["pg_txnid"] = charge.Number,
                ["mer_txnid"] = charge.Fields["tran_id"],
                ["pay_status"] = charge.PayStatus,
                ["amount"] = charge.Amount,
                ["currency"] = charge.Currency,
                ["cus_name"] = charge.Fields["cus_name"],
                ["card_type"] = "bKash",
                ["store_amount"] = charge.Amount,
            }
        );

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private Task ServeAsync(HttpContext http) => Moods.LiveAsync(http, () => AnswerAsync(http));

    private async Task<(int Status, string Body)> AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        return (http.Request.Method, http.Request.Path.Value) switch
        {
            ("POST", "/jsonpost.php") => Initiate(http.Request, body),
            ("GET", "/api/v1/trxcheck/request.php") => Check(http.Request.Query),
            _ => Refuse($"no such call: {http.Request.Method} {http.Request.Path}"),
        };
    }

    private (int Status, string Body) Initiate(HttpRequest request, string body)
    {
        if (request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) is not true)
        {
            return Refuse("content type is " + request.ContentType);
        }

        Dictionary<string, string>? fields;
        try
        {
            fields = JsonSerializer.Deserialize<Dictionary<string, string>>(body); // every value must be text
        }
        catch (JsonException malformed)
        {
            return Refuse("body: " + malformed.Message);
        }

        if (FaultIn(fields!) is { } fault)
        {
            return Refuse(fault);
        }

        var charge = new AamarPayCharge
        {
            Fields = fields!,
            Amount = fields!["amount"],
            Currency = fields["currency"],
            MerchantNumber = fields["tran_id"],
        };
        return charges.TryAdd(fields["tran_id"], charge)
            ? (200, JsonSerializer.Serialize(new { result = "true", payment_url = $"{Url}/paynow.php?track={charge.Number}" }))
            : (200, """{"result":"false","reason":"Duplicate tran_id"}""");
    }

    private static string? FaultIn(Dictionary<string, string> fields)
    {
        var missing = Needed.Where(name => !fields.TryGetValue(name, out var value) || value.Length == 0).ToList();
        var unknown = fields.Keys.Except(Needed, StringComparer.Ordinal).Except(Allowed, StringComparer.Ordinal).ToList();
        return missing.Count > 0 ? "missing: " + string.Join(", ", missing)
            : unknown.Count > 0 ? "unknown: " + string.Join(", ", unknown)
            : fields["store_id"] is not StoreId || fields["signature_key"] is not SignatureKey ? "Invalid Store ID or signature key"
            : fields["tran_id"].Length > 32 ? "tran_id is too long"
            : fields["type"] is not "json" ? "type is not json"
            : !DecimalText().IsMatch(fields["amount"]) ? "amount " + fields["amount"]
            : !CurrencyText().IsMatch(fields["currency"]) ? "currency " + fields["currency"]
            : Addresses.FirstOrDefault(name => !Uri.TryCreate(fields[name], UriKind.Absolute, out _));
    }

    private (int Status, string Body) Check(IQueryCollection query)
    {
        if (query.Count != 4 || query["type"] != "json" || query["store_id"] != StoreId || query["signature_key"] != SignatureKey)
        {
            return Refuse("Invalid Store ID or signature key in the check");
        }

        return (
            200,
            charges.TryGetValue(query["request_id"].ToString(), out var charge)
                ? JsonSerializer.Serialize(
                    new
                    {
                        pg_txnid = charge.Number,
                        mer_txnid = charge.MerchantNumber,
                        store_id = charge.Store,
                        risk_title = "Safe",
                        amount = charge.Amount,
                        currency = charge.Currency,
                        pay_status = charge.PayStatus,
                        status_code = charge.StatusCode,
                        status_title = charge.PayStatus,
                    }
                )
                : NotFound
        );
    }

    private (int Status, string Body) Refuse(string fault)
    {
        faults.Enqueue(fault);
        return (200, JsonSerializer.Serialize(fault));
    }

    [GeneratedRegex(@"^\d{1,12}(\.\d{1,2})?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DecimalText();

    [GeneratedRegex("^[A-Z]{3}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CurrencyText();
}
