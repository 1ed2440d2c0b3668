using System.Security.Cryptography;
using Florin.Files.Counting;
using Florin.Platform;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Florin.Files;

/// <summary>A file that arrived and is stored.</summary>
/// <param name="Service">As the form says; null where it does not.</param>
/// <param name="Filename">Without folders and control characters, 1 to 255 characters.</param>
/// <param name="Blob">Its name in the storage.</param>
/// <param name="Size">Bytes, above zero.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Kind">By its beginning.</param>
internal sealed record ArrivedFile(string? Service, string Filename, string Blob, long Size, byte[] Sha256, FileKind Kind);

/// <summary>Reads a form with one file, which goes into the storage while it arrives and is never in memory whole.</summary>
internal sealed class UploadReader(Blobs blobs, FileSettings settings)
{
    /// <summary>What a form may hold besides its file, in bytes.</summary>
    public const int Overhead = 64 * 1024;

    private const int LongestName = 255;
    private const int LongestField = 100;
    private const int MostSections = 16;

    /// <summary>Reads it.</summary>
    /// <exception cref="Refusal"><c>unsupported_media_type</c>, <c>file_missing</c>, <c>file_too_large</c>, <c>invalid_request</c>, <c>file_storage_unavailable</c></exception>
    public async Task<ArrivedFile> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        var boundary =
            MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
                ? HeaderUtilities.RemoveQuotes(type.Boundary).Value
                : null;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 200)
        {
            throw PlatformRefusals.UnsupportedMediaType.With("Send multipart/form-data.");
        }

        var reader = new MultipartReader(boundary, request.Body)
        {
            BodyLengthLimit = null,
            HeadersCountLimit = 16,
            HeadersLengthLimit = 8 * 1024,
        };
        ArrivedFile? file = null;
        var complete = false;
        try
        {
            string? service = null;
            for (var count = 0; await reader.ReadNextSectionAsync(cancel) is { } section; count++)
            {
                if (count == MostSections || !ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                {
                    throw FilesRefusals.FileMissing.With();
                }

                if (disposition.IsFileDisposition())
                {
                    file = file is null ? await StoreAsync(section.Body, NameOf(disposition), cancel) : throw FilesRefusals.FileMissing.With();
                }
                else if (disposition.Name.Equals("service", StringComparison.Ordinal))
                {
                    service = await FieldAsync(section.Body, cancel);
                }
            }

            complete = file is not null;
            return file is null ? throw FilesRefusals.FileMissing.With() : file with { Service = service };
        }
        catch (BadHttpRequestException)
        {
            throw; // the web server's own word, such as too_large
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            throw ArrivingStream.CutOff();
        }
        finally
        {
            if (!complete && file is not null)
            {
                await blobs.RemoveAsync(file.Blob);
            }
        }
    }

    private async Task<ArrivedFile> StoreAsync(Stream content, string filename, CancellationToken cancel)
    {
        await using var arriving = new ArrivingStream(content, settings.MostBytes);
        var blob = await blobs.SaveAsync(arriving, cancel);
        var file = new ArrivedFile(null, filename, blob, arriving.Size, arriving.Hash(), arriving.Kind);
        if (file.Size > 0)
        {
            return file;
        }

        await blobs.RemoveAsync(blob);
        throw FilesRefusals.FileMissing.With("The file is empty.");
    }

    private static async Task<string?> FieldAsync(Stream content, CancellationToken cancel)
    {
        var bytes = new byte[LongestField + 1];
        var length = await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        var text = System.Text.Encoding.UTF8.GetString(bytes, 0, length);
        return length > LongestField || text.Any(char.IsControl) ? throw PlatformRefusals.InvalidRequest.Field("service", "is no name of a service")
            : text.Length == 0 ? null
            : text;
    }

    // What a browser calls it is kept for its owner and for nothing else: it is no path here.
    private static string NameOf(ContentDispositionHeaderValue disposition)
    {
        var given = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).Value ?? "";
        var last = given[(given.LastIndexOfAny(['/', '\\']) + 1)..];
        var name = string.Concat(last.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))).Trim();
        return name.Length == 0 ? "file"
            : name.Length > LongestName ? name[..LongestName]
            : name;
    }
}

/// <summary>Counts, hashes and bounds a file while it arrives, and keeps its beginning.</summary>
internal sealed class ArrivingStream(Stream inner, long most) : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] head = new byte[FileHead.Length];

    /// <summary>Bytes so far.</summary>
    public long Size { get; private set; }

    /// <summary>What it is, by its beginning.</summary>
    public FileKind Kind => FileHead.KindOf(head.AsSpan(0, (int)Math.Min(Size, head.Length)), Size <= head.Length);

    /// <summary>The form is no form, or not all of it came.</summary>
    public static Refusal CutOff() => FilesRefusals.FileMissing.With("The form is malformed or was cut off.");

    /// <summary>SHA-256 of all bytes, once.</summary>
    public byte[] Hash() => hash.GetHashAndReset();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (BadHttpRequestException)
        {
            throw;
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            throw CutOff(); // here already, so that nobody takes it for a fault of the disk that it is written to
        }

        var bytes = buffer[..read];
        if (Size < head.Length)
        {
            bytes.Span[..(int)Math.Min(read, head.Length - Size)].CopyTo(head.AsSpan((int)Size));
        }

        hash.AppendData(bytes.Span);
        Size += read;
        return Size > most ? throw FilesRefusals.FileTooLarge.With($"At most {most / (1024 * 1024)} MB.") : read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read it asynchronously");

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
