using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Florin.Platform;

/// <summary>The id that ties an answer, its log lines and its activity rows together.</summary>
internal static class RequestIds
{
    /// <summary>Read from requests and sent with every answer.</summary>
    internal const string Header = "X-Request-Id";

    private const string Digits = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int PrefixLength = 10;
    private static readonly string Prefix = RandomNumberGenerator.GetString(Digits, PrefixLength);
    private static readonly System.Buffers.SearchValues<char> Allowed = System.Buffers.SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
    );
    private static long count;

    /// <summary>The caller's id where it is one: 1 to 64 of <c>A–Z a–z 0–9 . _ -</c>; else a new one.</summary>
    internal static string Of(StringValues header) =>
        header.Count == 1 && header[0] is { Length: >= 1 and <= 64 } given && !given.AsSpan().ContainsAnyExcept(Allowed) ? given : New();

    // Random once per process (50 bits) and counted from there: no system call and one small string a request.
    private static string New() =>
        string.Create(
            PrefixLength + 9,
            Interlocked.Increment(ref count),
            static (span, number) =>
            {
                Prefix.CopyTo(span);
                span[PrefixLength] = '-';
                for (var i = span.Length - 1; i > PrefixLength; i--)
                {
                    span[i] = Digits[(int)(number & 31)];
                    number >>= 5;
                }
            }
        );
}
