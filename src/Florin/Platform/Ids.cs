using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Florin.Platform;

/// <summary>Public ids: a prefix that names the kind, and a UUIDv7 (RFC 9562) as 32 hex digits, such as <c>wal_0192…</c>.</summary>
public static class Ids
{
    private static long last;

    /// <summary>
    /// A new UUIDv7. Its first 48 bits are the time in milliseconds and the next 12 a fraction of one (RFC 9562, 6.2, method 3), never repeated or
    /// taken back in this process: ids of one kind sort by creation, and indexes grow at one end.
    /// </summary>
    public static Guid New()
    {
        var now = TimeProvider.System.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var time = (now / TimeSpan.TicksPerMillisecond << 12) | ((now % TimeSpan.TicksPerMillisecond << 12) / TimeSpan.TicksPerMillisecond);
        for (var seen = Volatile.Read(ref last); ; )
        {
            time = Math.Max(time, seen + 1);
            if (Interlocked.CompareExchange(ref last, time, seen) is var found && found == seen)
            {
                break;
            }

            seen = found;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, (time >> 12 << 16) | 0x7000 | (time & 0xFFF));
        RandomNumberGenerator.Fill(bytes[8..]);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The public form.</summary>
    public static string Show(string prefix, Guid id) =>
        string.Create(
            prefix.Length + 33,
            (prefix, id),
            static (span, state) =>
            {
                state.prefix.CopyTo(span);
                span[state.prefix.Length] = '_';
                state.id.TryFormat(span[(state.prefix.Length + 1)..], out _, "N");
            }
        );

    /// <summary>
    /// Reads a public id of this kind, in its one spelling: what compares ids as texts must see one text for one thing. Another kind's or a malformed id
    /// is not read.
    /// </summary>
    public static bool TryRead(string prefix, [NotNullWhen(true)] string? text, out Guid id)
    {
        id = Guid.Empty;
        return text is not null
            && text.Length == prefix.Length + 33
            && text.StartsWith(prefix, StringComparison.Ordinal)
            && text[prefix.Length] == '_'
            && !text.AsSpan(prefix.Length + 1).ContainsAnyInRange('A', 'F')
            && Guid.TryParseExact(text.AsSpan(prefix.Length + 1), "N", out id);
    }

    /// <summary>Reads a public id from a route; anything else is answered like a missing thing.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public static Guid Read(string prefix, string? text) => TryRead(prefix, text, out var id) ? id : throw PlatformRefusals.NotFound.With();
}
