using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Florin.Bench;

/// <summary>
/// A small Stripe on a real port. It speaks the wire format of the calls that Florin makes and is strict about what it receives: whatever the real
/// one would refuse, and whatever Florin should not have sent, is answered as the real one does and stands in <see cref="Faults"/>.
/// Start it, give its settings to the app (<see cref="Settings"/>), tell it moods (<see cref="Moods"/>), play the payer
/// (<see cref="Succeed"/>, <see cref="Decline"/> …) and send its events (<see cref="Event"/>, <see cref="Sign"/>).
/// </summary>
public sealed class StripeServer : IAsyncDisposable
{
    /// <summary>The secret key that it takes.</summary>
    public const string SecretKey = "sk_test_florin";

    /// <summary>The secret that it signs events with.</summary>
    public const string WebhookSecret = "whsec_florin_test";

    private readonly WebApplication app;
    private StripeBook book = new();
    private readonly ConcurrentQueue<string> faults = new();
    private readonly ConcurrentQueue<string> requests = new();

    private StripeServer()
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

    /// <summary>Every payment intent.</summary>
    public IReadOnlyCollection<StripeIntent> Charges => book.Intents;

    /// <summary>Every refund.</summary>
    public IReadOnlyCollection<StripeRefund> Refunds => book.Refunds;

    /// <summary>What it had to refuse or should not have been sent; a test ends with none.</summary>
    public IReadOnlyCollection<string> Faults => faults;

    /// <summary>What was asked, as <c>POST /v1/refunds key</c>; only requests that it carried out.</summary>
    public IReadOnlyCollection<string> Requests => requests;

    /// <summary>The status that new refunds get; <c>succeeded</c> unless told otherwise.</summary>
    public string RefundStatus { get; set; } = "succeeded";

    public static async Task<StripeServer> StartAsync()
    {
        var server = new StripeServer();
        await server.app.StartAsync(CancellationToken.None);
        return server;
    }

    /// <summary>The settings that lead an app here.</summary>
    public void Settings(Dictionary<string, string> settings)
    {
        settings["FLORIN_STRIPE_URL"] = Url;
        settings["FLORIN_STRIPE_SECRET_KEY"] = SecretKey;
        settings["FLORIN_STRIPE_PUBLISHABLE_KEY"] = "pk_test_florin";
        settings["FLORIN_STRIPE_WEBHOOK_SECRET"] = WebhookSecret;
    }

    /// <summary>The payer pays.</summary>
    /// <param name="attempt">Our attempt.</param>
    /// <param name="received">What arrives, in Stripe's units, where it is not the amount.</param>
    public StripeIntent Succeed(Guid attempt, long? received = null)
    {
        var intent = Of(attempt);
        intent.Status = "succeeded";
        intent.AmountReceived = received ?? intent.Amount;
        return intent;
    }

    /// <summary>The payer's card is declined; they may try another one.</summary>
    public StripeIntent Decline(Guid attempt, string declineCode = "insufficient_funds")
    {
        var intent = Of(attempt);
        intent.Status = "requires_payment_method";
        intent.LastError = new
        {
            type = "card_error",
            code = "card_declined",
            decline_code = declineCode,
            message = "Your card has insufficient funds.",
        };
        return intent;
    }

    /// <summary>The intent gets this status.</summary>
    public StripeIntent Become(Guid attempt, string status)
    {
        var intent = Of(attempt);
        intent.Status = status;
        return intent;
    }

    /// <summary>The intent of our attempt.</summary>
    public StripeIntent Of(Guid attempt) =>
        book.Intents.Single(intent => string.Equals(intent.Metadata["attempt"], attempt.ToString("N"), StringComparison.Ordinal));

    /// <summary>Forgets all of it, for the next test of a class.</summary>
    public void Reset()
    {
        book = new StripeBook();
        faults.Clear();
        requests.Clear();
        Moods.Clear();
        RefundStatus = "succeeded";
    }

    /// <summary>Forgets every idempotency key, as Stripe does after a day.</summary>
    public void ForgetKeys() => book.ForgetKeys();

    /// <summary>An event as Stripe sends it.</summary>
    public static byte[] Event(string type, object about, string? id = null) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                id = id ?? "evt_" + Guid.NewGuid().ToString("N"),
                @object = "event",
                api_version = "2025-08-27.basil",
                created = 1_769_817_602,
                livemode = false,
                type,
                data = new { @object = about },
            }
        );

    /// <summary>The signature's header, written here anew from Stripe's documentation.</summary>
    public static string Sign(byte[] body, DateTimeOffset at, string secret = WebhookSecret)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(seconds + ".").Concat(body).ToArray());
        return $"t={seconds},v1={Convert.ToHexStringLower(signed)}";
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private Task ServeAsync(HttpContext http) => Moods.LiveAsync(http, () => AnswerAsync(http));

    private async Task<(int Status, string Body)> AnswerAsync(HttpContext http)
    {
        var request = http.Request;
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        requests.Enqueue($"{request.Method} {request.Path}{request.QueryString} {request.Headers["Idempotency-Key"]}".TrimEnd());
        if (request.Headers.Authorization != "Bearer " + SecretKey)
        {
            return Refuse(401, "invalid_request_error", null, "Invalid API Key provided");
        }

        if (request.Headers["Stripe-Version"].ToString() is not "2025-08-27.basil")
        {
            faults.Enqueue("Stripe-Version is " + request.Headers["Stripe-Version"]);
        }

        try
        {
            return HttpMethods.IsPost(request.Method) ? Post(request, body)
                : HttpMethods.IsGet(request.Method) && body.Length == 0 ? (200, book.Get(request.Path, request.Query))
                : throw new StripeFault(405, "invalid_request_error", "method", "Unrecognized request URL");
        }
        catch (StripeFault fault)
        {
            // A thing that is not there, or no longer as it was, is no mistake of the caller's.
            return Refuse(fault.Status, fault.Type, fault.Code, fault.Message, fault.Code is "resource_missing" or "payment_intent_unexpected_state");
        }
    }

    private (int Status, string Body) Post(HttpRequest request, string body)
    {
        var key = request.Headers["Idempotency-Key"].ToString();
        if (key.Length is 0 or > 255)
        {
            throw new StripeFault(400, "invalid_request_error", "idempotency_key", "a write without an Idempotency-Key");
        }

        if (request.ContentType is not "application/x-www-form-urlencoded")
        {
            throw new StripeFault(400, "invalid_request_error", "content_type", "content type is " + request.ContentType);
        }

        return book.Post(request.Path, key, body, RefundStatus);
    }

    private (int Status, string Body) Refuse(int status, string type, string? code, string message, bool expected = false)
    {
        if (!expected)
        {
            faults.Enqueue($"{status} {code}: {message}");
        }

        return (
            status,
            JsonSerializer.Serialize(
                new
                {
                    error = new
                    {
                        type,
                        code,
                        message,
                    },
                }
            )
        );
    }
}
