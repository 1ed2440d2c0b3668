using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Florin.Qr;

/// <summary>A data object of an EMVCo merchant-presented code.</summary>
/// <param name="Id">Two digits.</param>
/// <param name="Value">1 to 99 characters; of a template, data objects again.</param>
internal readonly record struct EmvField(string Id, string Value);

/// <summary>
/// Writes and reads the text of EMVCo merchant-presented codes (EMV QRCPS, Merchant-Presented Mode, 1.1): data objects of two digits of id, two of length and
/// the value, closed by a CRC.
/// </summary>
internal static class EmvCode
{
    /// <summary>Version of the format; always the first.</summary>
    public const string Format = "00";

    /// <summary>Whether the code is for many payments (11) or for one (12).</summary>
    public const string Initiation = "01";

    /// <summary>The first template of a merchant account that no card scheme has.</summary>
    public const string MerchantAccount = "26";

    /// <summary>Merchant category code.</summary>
    public const string Category = "52";

    /// <summary>ISO 4217 number.</summary>
    public const string Currency = "53";

    /// <summary>The amount as a decimal.</summary>
    public const string Amount = "54";

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public const string Country = "58";

    /// <summary>Up to 25 characters.</summary>
    public const string MerchantName = "59";

    /// <summary>Up to 15 characters.</summary>
    public const string MerchantCity = "60";

    /// <summary>The template of additional data.</summary>
    public const string AdditionalData = "62";

    /// <summary>In the additional data: the merchant's or payment system's own reference, up to 25 characters.</summary>
    public const string ReferenceLabel = "05";

    /// <summary>The first of the templates that anybody may use under a unique id of their own.</summary>
    public const string Unreserved = "80";

    /// <summary>In such a template: whose it is.</summary>
    public const string UniqueId = "00";

    private const string Checksum = "63";
    private const int HeadLength = 4;

    /// <summary>The data objects as text, without a checksum: the value of a template.</summary>
    /// <exception cref="InvalidOperationException">A value has not 1 to 99 characters.</exception>
    public static string Template(params IEnumerable<EmvField> fields)
    {
        var text = new StringBuilder();
        foreach (var (id, value) in fields)
        {
            if (value.Length is 0 or > 99)
            {
                throw new InvalidOperationException($"data object {id} has {value.Length} characters");
            }

            text.Append(CultureInfo.InvariantCulture, $"{id}{value.Length:00}{value}");
        }

        return text.ToString();
    }

    /// <summary>The whole code, with its checksum.</summary>
    public static string Write(params IEnumerable<EmvField> fields)
    {
        var text = Template(fields) + Checksum + "04";
        return text + Crc(text).ToString("X4", CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a whole code, if it is one and its checksum is right. The checksum itself is left out.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out IReadOnlyList<EmvField>? fields)
    {
        fields = null;
        const int tail = HeadLength + 4;
        return text.Length > tail
            && text.AsSpan(text.Length - tail).StartsWith(Checksum + "04", StringComparison.Ordinal)
            && ushort.TryParse(text.AsSpan(text.Length - 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var crc)
            && crc == Crc(text[..^4])
            && TryReadTemplate(text[..^tail], out fields)
            && fields is [{ Id: Format, Value: "01" }, ..];
    }

    /// <summary>Reads the data objects of a template.</summary>
    public static bool TryReadTemplate(string text, [NotNullWhen(true)] out IReadOnlyList<EmvField>? fields)
    {
        fields = null;
        var read = new List<EmvField>();
        for (var at = 0; at < text.Length; )
        {
            if (
                text.Length - at < HeadLength
                || text.AsSpan(at, HeadLength).ContainsAnyExceptInRange('0', '9')
                || int.Parse(text.AsSpan(at + 2, 2), CultureInfo.InvariantCulture) is var length && (length == 0 || length > text.Length - at - HeadLength)
            )
            {
                return false;
            }

            read.Add(new EmvField(text.Substring(at, 2), text.Substring(at + HeadLength, length)));
            at += HeadLength + length;
        }

        fields = read;
        return true;
    }

    /// <summary>The value of the first data object with this id; null where there is none.</summary>
    public static string? Value(this IReadOnlyList<EmvField> fields, string id) =>
        fields.FirstOrDefault(field => string.Equals(field.Id, id, StringComparison.Ordinal)).Value;

    // CRC-16/CCITT-FALSE (ISO/IEC 13239): polynomial 1021, from FFFF, over the UTF-8 bytes with the checksum's own id and length.
    private static ushort Crc(string text)
    {
        ushort crc = 0xFFFF;
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            crc ^= (ushort)(one << 8);
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
            }
        }

        return crc;
    }
}
