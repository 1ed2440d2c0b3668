namespace Florin.Files.Counting;

/// <summary>Bounds what comes out of an archive: in all, against what it was packed to, and between two steps of whoever reads it.</summary>
/// <param name="inner">The unpacking stream of one part.</param>
/// <param name="packed">Bytes that the part takes in the archive.</param>
/// <param name="budget">What may still come out of the archive.</param>
internal sealed class UnpackedStream(Stream inner, long packed, UnpackedBudget budget) : Stream
{
    /// <summary>Text packs to a tenth or a twentieth; a part that unpacks to more than this many times itself is a bomb, once it is large.</summary>
    private const int MostRatio = 200;

    private const long Large = 4 * 1024 * 1024;

    // A tag or an attribute is held in memory whole; no real one is so long.
    private const long MostAtOnce = 1024 * 1024;
    private long read;
    private long sinceStep;

    /// <summary>Whoever reads has taken in what it read, and goes on.</summary>
    public void Step() => sinceStep = 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }

    private int Count(int bytes)
    {
        read += bytes;
        sinceStep += bytes;
        budget.Left -= bytes;
        return budget.Left < 0 || sinceStep > MostAtOnce || (read > Large && read / MostRatio > packed) ? throw FileFault.TooMuch() : bytes;
    }
}

/// <summary>What may still come out of an archive.</summary>
internal sealed class UnpackedBudget(long bytes)
{
    /// <summary>Bytes.</summary>
    public long Left { get; set; } = bytes;
}
