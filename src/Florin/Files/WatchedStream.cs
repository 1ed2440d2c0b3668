namespace Florin.Files;

/// <summary>A file that is being worked on: says from time to time how far it was read, which also shows that whoever reads it lives.</summary>
/// <param name="inner">The file; can seek.</param>
/// <param name="beat">Told the per cent that were read, 0 to 99.</param>
/// <param name="clock">Measures the time between.</param>
/// <param name="every">How often at most.</param>
internal sealed class WatchedStream(Stream inner, Func<int, Task> beat, TimeProvider clock, TimeSpan every) : Stream
{
    private long last = clock.GetTimestamp();
    private long read;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (clock.GetElapsedTime(last) >= every)
        {
            last = clock.GetTimestamp();
            await beat((int)Math.Min(99, read * 100 / Math.Max(1, inner.Length)));
        }

        var bytes = await inner.ReadAsync(buffer, cancellationToken);
        read += bytes;
        return bytes;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
