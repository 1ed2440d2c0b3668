using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>
/// Signs what stands in a QR code, so that the payer's page tells one of ours from one that was made or changed by somebody else: HMAC-SHA-256 by a key
/// of the installation's secret, the first 96 bits.
/// </summary>
public sealed class PaySignatures(Secrets secrets)
{
    private const int Bytes = 12;
    private readonly IReadOnlyList<byte[]> keys = secrets.Keys("qr-signature"); // printed codes outlive a change of the secret

    /// <summary>The signature over code, payee, amount and currency: 16 characters of base64url.</summary>
    public string Of(PaymentFact payment) => Sign(keys[0], TextOf(payment));

    /// <summary>The signature of a code that stands at a till for good, such as a shop's: 16 characters of base64url.</summary>
    public string OfStanding(string code) => Sign(keys[0], "standing " + code);

    /// <summary>Whether this is the payment's signature.</summary>
    public bool IsRight(PaymentFact payment, string? signature) => IsRight(TextOf(payment), signature);

    /// <summary>Whether this is the signature of a standing code.</summary>
    public bool IsRightStanding(string code, string? signature) => IsRight("standing " + code, signature);

    private static string TextOf(PaymentFact payment) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"pay {payment.Code} {payment.Payee:N} {payment.PayeeName} {payment.Amount.Minor} {payment.Amount.Currency.Code}"
        );

    private bool IsRight(string text, string? signature) => keys.Any(key => AreSame(Sign(key, text), signature));

    private static string Sign(byte[] key, string text) => Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)).AsSpan(0, Bytes));

    private static bool AreSame(string right, string? given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(right), Encoding.UTF8.GetBytes(given ?? ""));
}
