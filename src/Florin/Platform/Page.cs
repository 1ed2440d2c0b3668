using System.Buffers.Text;

namespace Florin.Platform;

/// <summary>One page of a list, newest first.</summary>
/// <param name="Data">Its rows.</param>
/// <param name="NextCursor">Give it as <c>?cursor=</c> for the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, string? NextCursor);

/// <summary>Which page was asked for, of a list that is ordered by descending UUIDv7.</summary>
/// <param name="Limit">1 to 100 rows.</param>
/// <param name="Before">Only rows with a lower id; all where null.</param>
public readonly record struct PageRequest(int Limit, Guid? Before)
{
    /// <summary>Reads <c>?limit=</c> (1–100, default 20) and <c>?cursor=</c>.</summary>
    /// <exception cref="Refusal"><c>invalid_request</c></exception>
    public static PageRequest Read(int? limit, string? cursor)
    {
        if (limit is < 1 or > 100)
        {
            throw PlatformRefusals.InvalidRequest.Field("limit", "must be from 1 to 100");
        }

        Span<byte> bytes = stackalloc byte[16];
        return new PageRequest(
            limit ?? 20,
            cursor is null ? null
                : cursor.Length == 22 && Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, bytes, out var count) && count == 16
                    ? new Guid(bytes, bigEndian: true)
                : throw PlatformRefusals.InvalidRequest.Field("cursor", "is not one that a list gave")
        );
    }

    /// <summary>Makes the page of rows that were read with one more than <see cref="Limit"/>.</summary>
    public Page<TShown> Of<TRow, TShown>(List<TRow> rows, Func<TRow, Guid> id, Func<TRow, TShown> show) =>
        rows.Count <= Limit
            ? new Page<TShown>([.. rows.Select(show)], null)
            : new Page<TShown>([.. rows.Take(Limit).Select(show)], Base64Url.EncodeToString(id(rows[Limit - 1]).ToByteArray(bigEndian: true)));
}
