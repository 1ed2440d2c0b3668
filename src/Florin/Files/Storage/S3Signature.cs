using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Florin.Files.Storage;

/// <summary>
/// Signs requests as AWS Signature Version 4 says (AWS General Reference, "Signing AWS API requests"), for S3: the path is encoded once and not tidied.
/// </summary>
/// <param name="accessKey">Who signs.</param>
/// <param name="secretKey">The secret.</param>
/// <param name="region">Such as <c>us-east-1</c>.</param>
internal sealed class S3Signature(string accessKey, string secretKey, string region)
{
    /// <summary>The hash of no content.</summary>
    public const string NoContent = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    /// <summary>Adds date, content hash and signature. Every header that is there already is signed.</summary>
    /// <param name="request">Complete but for them; its path and query are as they go over the wire.</param>
    /// <param name="contentHash">SHA-256 of the content, lower-case hexadecimal.</param>
    /// <param name="now">The time; the server allows 15 minutes.</param>
    public void Sign(HttpRequestMessage request, string contentHash, DateTimeOffset now)
    {
        var date = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.Add("x-amz-date", date);
        request.Headers.Add("x-amz-content-sha256", contentHash);
        var headers = request
            .Headers.Where(header => !string.Equals(header.Key, "Host", StringComparison.OrdinalIgnoreCase))
            .Select(header => (Name: header.Key.ToLowerInvariant(), Value: string.Join(',', header.Value).Trim()))
            .Append(("host", request.RequestUri!.Authority))
            .OrderBy(header => header.Item1, StringComparer.Ordinal)
            .ToList();
        var names = string.Join(';', headers.Select(header => header.Item1));
        var canonical = string.Join(
            '\n',
            request.Method.Method,
            request.RequestUri.AbsolutePath,
            CanonicalQuery(request.RequestUri.Query),
            string.Concat(headers.Select(header => $"{header.Item1}:{header.Item2}\n")),
            names,
            contentHash
        );
        var day = date[..8];
        var scope = $"{day}/{region}/s3/aws4_request";
        var toSign = $"{Algorithm}\n{date}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical))}";
        var signature = Convert.ToHexStringLower(Hmac(KeyOf(day), toSign));
        request.Headers.TryAddWithoutValidation("Authorization", $"{Algorithm} Credential={accessKey}/{scope},SignedHeaders={names},Signature={signature}");
    }

    /// <summary>SHA-256, lower-case hexadecimal.</summary>
    public static string Hash(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Percent-encodes what is not unreserved (RFC 3986).</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            _ = Unreserved.Contains((char)one, StringComparison.Ordinal)
                ? encoded.Append((char)one)
                : encoded.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
        }

        return encoded.ToString();
    }

    private static string CanonicalQuery(string query) =>
        string.Join(
            '&',
            query
                .TrimStart('?')
                .Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=")
                .Order(StringComparer.Ordinal)
        );

    private byte[] KeyOf(string day)
    {
        var key = Hmac(Encoding.UTF8.GetBytes("AWS4" + secretKey), day);
        foreach (var part in new[] { region, "s3", "aws4_request" })
        {
            key = Hmac(key, part);
        }

        return key;
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
