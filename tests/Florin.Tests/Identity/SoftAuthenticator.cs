using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Florin.Tests.Identity;

/// <summary>A device with one passkey (WebAuthn level 3, ES256, attestation "none"), that answers as a browser's <c>toJSON()</c> does.</summary>
internal sealed class SoftAuthenticator(string origin) : IDisposable
{
    private const byte Present = 0x01;
    private const byte Verified = 0x04;
    private const byte HasKey = 0x40;
    private static readonly string[] Transports = ["internal"];
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] id = RandomNumberGenerator.GetBytes(32);
    private string userHandle = "";
    private uint counter;

    /// <summary>Whether the device says that it verified the person.</summary>
    public bool VerifiesPerson { get; set; } = true;

    private byte Flags => (byte)(Present | (VerifiesPerson ? Verified : 0));

    public JsonElement Make(JsonElement options)
    {
        userHandle = options.GetProperty("user").GetProperty("id").GetString()!;
        var data = Data(options.GetProperty("rp").GetProperty("id").GetString()!, (byte)(Flags | HasKey), [.. new byte[16], 0, 32, .. id, .. CoseKey()]);
        byte[] attestation = [0xA3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xA0, .. Text("authData"), 0x58, (byte)data.Length, .. data];
        return Credential(
            new
            {
                clientDataJSON = ClientData("webauthn.create", options),
                attestationObject = Show(attestation),
                transports = Transports,
            }
        );
    }

    public JsonElement Use(JsonElement options)
    {
        counter++;
        var data = Data(options.GetProperty("rpId").GetString()!, Flags, []);
        var client = ClientData("webauthn.get", options);
        byte[] signed = [.. data, .. SHA256.HashData(Base64Url.DecodeFromChars(client))];
        return Credential(
            new
            {
                clientDataJSON = client,
                authenticatorData = Show(data),
                signature = Show(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
                userHandle,
            }
        );
    }

    public void Dispose() => key.Dispose();

    private JsonElement Credential(object response) =>
        JsonSerializer.SerializeToElement(
            new
            {
                id = Show(id),
                rawId = Show(id),
                type = "public-key",
                authenticatorAttachment = "platform",
                clientExtensionResults = new { },
                response,
            }
        );

    private string ClientData(string type, JsonElement options) =>
        Show(
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    type,
                    challenge = options.GetProperty("challenge").GetString(),
                    origin,
                    crossOrigin = false,
                }
            )
        );

    private byte[] Data(string domain, byte flags, byte[] rest)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, counter);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(domain)), flags, .. count, .. rest];
    }

    // A map of key type 2 (EC2), algorithm -7 (ES256), curve 1 (P-256), x and y: RFC 9053 §7.1.
    private byte[] CoseKey()
    {
        var point = key.ExportParameters(false).Q;
        return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32, .. point.X!, 0x22, 0x58, 32, .. point.Y!];
    }

    private static byte[] Text(string text) => [(byte)(0x60 + text.Length), .. Encoding.ASCII.GetBytes(text)];

    private static string Show(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
