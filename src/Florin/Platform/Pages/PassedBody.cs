using Microsoft.Net.Http.Headers;

namespace Florin.Platform.Pages;

/// <summary>The body of a route's answer on its way into the answer of a page. What the route refuses with is kept instead.</summary>
internal sealed class PassedBody(HttpResponse inner, HttpResponse outer) : Stream
{
    private static readonly string[] Headers =
    [
        HeaderNames.ContentDisposition,
        HeaderNames.CacheControl,
        HeaderNames.ContentSecurityPolicy,
        HeaderNames.ETag,
        HeaderNames.XContentTypeOptions,
    ];

    private readonly MemoryStream refused = new();
    private bool begun;

    /// <summary>The body of a refusal.</summary>
    public byte[] Refused => refused.ToArray();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (inner.StatusCode >= StatusCodes.Status400BadRequest)
        {
            await refused.WriteAsync(buffer, cancellationToken);
            return;
        }

        Begin();
        await outer.Body.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => begun ? outer.Body.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Begin()
    {
        if (begun)
        {
            return;
        }

        begun = true;
        outer.StatusCode = inner.StatusCode;
        outer.ContentType = inner.ContentType;
        foreach (var name in Headers)
        {
            if (inner.Headers.TryGetValue(name, out var value))
            {
                outer.Headers[name] = value;
            }
        }
    }
}
