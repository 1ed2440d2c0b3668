using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>
/// Codes by which anybody may watch a payment and do nothing else: its id, encrypted. So nothing is stored or looked up by them, a guess meets a payment
/// as rarely as a random 128-bit number would, and neither the id nor the pay code can be learnt from one.
/// </summary>
internal sealed class WatchCodes(Secrets secrets)
{
    private const int Bytes = 16;
    private readonly byte[] key = secrets.Key("watch-code");

    /// <summary>The payment's code: 22 characters of base64url.</summary>
    public string Of(Guid payment)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        return Base64Url.EncodeToString(aes.EncryptEcb(payment.ToByteArray(bigEndian: true), PaddingMode.None));
    }

    /// <summary>The id in a code. Every code of the right form has one, which most often is no payment's.</summary>
    public bool TryRead([NotNullWhen(true)] string? code, out Guid payment)
    {
        payment = Guid.Empty;
        Span<byte> sealedId = stackalloc byte[Bytes];
        if (code is not { Length: 22 } || Base64Url.DecodeFromChars(code, sealedId, out _, out var length) != OperationStatus.Done || length != Bytes)
        {
            return false;
        }

        using var aes = Aes.Create();
        aes.Key = key;
        payment = new Guid(aes.DecryptEcb(sealedId, PaddingMode.None), bigEndian: true);
        return true;
    }
}
