using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Florin.Platform.Pages;

/// <summary>
/// The framework's own protected values (the tokens of forms) under a key of ours, so that every server of an installation reads what another wrote,
/// without a key ring on a disk.
/// </summary>
internal sealed class SealedData(Secrets secrets, string purpose = "data-protection") : IDataProtector
{
    public IDataProtector CreateProtector(string purposeOfThis) => new SealedData(secrets, purpose + "/" + purposeOfThis);

    public byte[] Protect(byte[] plaintext) => secrets.Encrypt(plaintext, purpose);

    public byte[] Unprotect(byte[] protectedData)
    {
        ArgumentNullException.ThrowIfNull(protectedData);
        return protectedData.Length == 0 ? throw new CryptographicException("nothing was protected") : secrets.Decrypt(protectedData, purpose);
    }
}
