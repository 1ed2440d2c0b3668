using System.Text.Json;
using Florin.Platform;

namespace Florin.Gateways.Sandbox;

/// <summary>Takes the sandbox gateway's callbacks, whichever way they come: signed, kept, and then a hint like any other gateway's.</summary>
internal sealed class SandboxCallbacks(Secrets secrets, CallbackInbox inbox, CallbackHandling handling, TimeProvider clock)
{
    /// <summary>The signature's header.</summary>
    public const string Header = "Sandbox-Signature";

    private readonly byte[] key = secrets.Key("gateways.sandbox-callback");

    /// <summary>Signs a body as the gateway does.</summary>
    public string Sign(byte[] body, bool forged) => CallbackSignature.Sign(body, forged ? new byte[key.Length] : key, clock.GetUtcNow());

    /// <summary>Takes a callback.</summary>
    /// <exception cref="Refusal"><c>callback_not_authentic</c></exception>
    public async Task TakeAsync(byte[] body, string? signature, IReadOnlyDictionary<string, string> headers)
    {
        if (!CallbackSignature.IsAuthentic(signature, body, [key], clock.GetUtcNow()))
        {
            throw inbox.Refuse(SandboxGateway.MethodName);
        }

        var (id, open) = await inbox.KeepAsync(Read(body) with { Headers = headers }, CancellationToken.None);
        if (open)
        {
            await handling.HandleSoonAsync(id);
        }
    }

    private static Arrival Read(byte[] body)
    {
        SandboxEvent? happened;
        try
        {
            happened = JsonSerializer.Deserialize<SandboxEvent>(body, Wire.Json);
        }
        catch (JsonException)
        {
            happened = null;
        }

        return happened is null || !Guid.TryParseExact(happened.Attempt, "N", out var attempt)
            ? new Arrival(SandboxGateway.MethodName, null, "unreadable", body) { Ignored = true }
            : new Arrival(SandboxGateway.MethodName, happened.Id, happened.Type, body)
            {
                Attempt = attempt,
                Refund = Guid.TryParseExact(happened.Refund, "N", out var refund) ? refund : null,
            };
    }
}
