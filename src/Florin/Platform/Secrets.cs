using System.Security.Cryptography;
using System.Text;

namespace Florin.Platform;

/// <summary>
/// Keys derived from the one configured secret by HKDF (RFC 5869), one per purpose, shared by every process of an installation;
/// and authenticated encryption (AES-256-GCM) of what must not be readable in the database.
/// </summary>
public sealed class Secrets
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private readonly byte[] root;
    private readonly byte[]? formerRoot;
    private readonly byte[] encryptionKey;
    private readonly byte[]? formerEncryptionKey;

    /// <summary>Derives the keys.</summary>
    /// <param name="secretKey">The installation's secret, at least 32 characters.</param>
    /// <param name="formerKey">The secret before it, while <c>./florin rotate-keys</c> is not done: it opens what was sealed by it, and seals nothing.</param>
    public Secrets(string secretKey, string formerKey = "")
    {
        root = Encoding.UTF8.GetBytes(secretKey);
        encryptionKey = Key("column-encryption");
        if (formerKey.Length > 0)
        {
            formerRoot = Encoding.UTF8.GetBytes(formerKey);
            formerEncryptionKey = Derive(formerRoot, "column-encryption");
        }

        RequestHashKey = Key("request-hash");
    }

    /// <summary>The key of the hash that compares request bodies.</summary>
    public byte[] RequestHashKey { get; }

    /// <summary>A key of 32 bytes for one purpose.</summary>
    /// <param name="purpose">A constant name; another name gives an unrelated key.</param>
    public byte[] Key(string purpose) => Derive(root, purpose);

    /// <summary>The key for one purpose, and the one of the former secret after it where there is one: for comparing what was made by either.</summary>
    public IReadOnlyList<byte[]> Keys(string purpose) => formerRoot is null ? [Key(purpose)] : [Key(purpose), Derive(formerRoot, purpose)];

    /// <summary>Whether a former secret is known.</summary>
    public bool HasFormer => formerRoot is not null;

    private static byte[] Derive(byte[] from, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, from, 32, salt: null, info: Encoding.UTF8.GetBytes("florin/" + purpose));

    /// <summary>Encrypts; the context must be given again to decrypt, so that a value cannot be moved to another row or purpose.</summary>
    public byte[] Encrypt(ReadOnlySpan<byte> plain, string context) => Encrypt(encryptionKey, plain, context);

    /// <summary>Decrypts what <see cref="Encrypt(ReadOnlySpan{byte}, string)"/> made with the same context.</summary>
    /// <exception cref="CryptographicException">Another key or context, or the bytes were changed.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> sealedBytes, string context)
    {
        try
        {
            return Decrypt(encryptionKey, sealedBytes, context);
        }
        catch (CryptographicException) when (formerEncryptionKey is not null)
        {
            return Decrypt(formerEncryptionKey, sealedBytes, context);
        }
    }

    /// <summary>Seals anew what the former secret sealed.</summary>
    /// <returns>Null where the secret of now opens it already.</returns>
    /// <exception cref="CryptographicException">Neither secret opens it, or the context is another.</exception>
    public byte[]? Reseal(ReadOnlySpan<byte> sealedBytes, string context)
    {
        try
        {
            Decrypt(encryptionKey, sealedBytes, context);
            return null;
        }
        catch (CryptographicException) when (formerEncryptionKey is not null)
        {
            return Encrypt(Decrypt(formerEncryptionKey, sealedBytes, context), context);
        }
    }

    /// <summary>Encrypts under a key of the caller's own, 32 bytes, whose end makes the value unreadable for ever.</summary>
    public static byte[] Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, string context)
    {
        var sealedBytes = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(
            sealedBytes.AsSpan(0, NonceBytes),
            plain,
            sealedBytes.AsSpan(NonceBytes, plain.Length),
            sealedBytes.AsSpan(NonceBytes + plain.Length),
            Encoding.UTF8.GetBytes(context)
        );
        return sealedBytes;
    }

    /// <summary>Decrypts what <see cref="Encrypt(ReadOnlySpan{byte}, ReadOnlySpan{byte}, string)"/> made with the same key and context.</summary>
    /// <exception cref="CryptographicException">Another key or context, or the bytes were changed.</exception>
    public static byte[] Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes, string context)
    {
        if (sealedBytes.Length < NonceBytes + TagBytes)
        {
            throw new CryptographicException("too short to be a sealed value");
        }

        var plain = new byte[sealedBytes.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(
            sealedBytes[..NonceBytes],
            sealedBytes.Slice(NonceBytes, plain.Length),
            sealedBytes[(NonceBytes + plain.Length)..],
            plain,
            Encoding.UTF8.GetBytes(context)
        );
        return plain;
    }
}
