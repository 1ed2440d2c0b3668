namespace Florin.Files.Storage;

/// <summary>Reads an object; where it was sought to another place, the next read asks for the object from there on.</summary>
internal sealed class S3ReadStream(S3Client client, string name, long length) : Stream
{
    private HttpResponseMessage? response;
    private Stream? body;
    private long bodyAt;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= length || buffer.Length == 0)
        {
            return 0;
        }

        if (body is null || bodyAt != Position)
        {
            await OpenAsync(cancellationToken);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(S3Client.ReadPatience);
        try
        {
            var read = await body!.ReadAsync(buffer, limit.Token);
            Position += read;
            bodyAt = Position;
            return read > 0 ? read : throw new StorageFault("the storage's answer ended early");
        }
        catch (Exception fault) when (fault is HttpRequestException or HttpIOException)
        {
            throw new StorageFault("the storage's answer broke off", fault);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StorageFault("the storage's answer stopped", fault);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read it asynchronously");

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => length + offset,
        };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body?.Dispose();
            response?.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task OpenAsync(CancellationToken cancel)
    {
        if (body is not null)
        {
            await body.DisposeAsync();
            response!.Dispose();
        }

        response = await client.GetAsync(name, Position, cancel);
        body = await response.Content.ReadAsStreamAsync(cancel);
        bodyAt = Position;
    }
}
