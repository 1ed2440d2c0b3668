using System.Buffers.Binary;

namespace Florin.Files.Counting;

/// <summary>Looks at the end of a ZIP archive before anything reads its directory, which is kept in memory whole.</summary>
internal static class ZipShape
{
    /// <summary>Parts that an archive may have.</summary>
    public const int MostEntries = 10_000;

    private const int MostDirectory = 2 * 1024 * 1024;
    private const int EndLength = 22;
    private const uint EndSignature = 0x06054b50;

    /// <summary>Demands that the archive has an end, and a directory of bounded size before it (APPNOTE 4.3.16).</summary>
    /// <param name="archive">Can seek.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <returns>The same archive with its directory in memory: the reader of archives reads that synchronously, which a storage elsewhere cannot.</returns>
    /// <exception cref="FileFault"><c>damaged</c>, <c>too_much_inside</c></exception>
    public static async Task<Stream> DemandAsync(Stream archive, CancellationToken cancel)
    {
        var tail = new byte[Math.Min(archive.Length, EndLength + ushort.MaxValue)];
        archive.Position = archive.Length - tail.Length;
        await archive.ReadExactlyAsync(tail, cancel);
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) == EndSignature)
            {
                var begin = Demand(tail.AsSpan(at), archive.Length - tail.Length + at);
                var directory = new byte[archive.Length - begin];
                archive.Position = begin;
                await archive.ReadExactlyAsync(directory, cancel);
                return new DirectoryInMemory(archive, begin, directory);
            }
        }

        throw FileFault.Damaged();
    }

    // What lies between the directory's beginning and the end record is all that a reader of the directory can take in.
    private static long Demand(ReadOnlySpan<byte> end, long endAt)
    {
        var entries = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        var begin = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        var disk = BinaryPrimitives.ReadUInt16LittleEndian(end[4..]);
        var directoryDisk = BinaryPrimitives.ReadUInt16LittleEndian(end[6..]);
        var entriesHere = BinaryPrimitives.ReadUInt16LittleEndian(end[8..]);
        if (disk != 0 || directoryDisk != 0 || entriesHere != entries)
        {
            throw FileFault.Damaged(); // in several volumes, or another mark of ZIP64
        }

        if (entries == ushort.MaxValue || begin == uint.MaxValue || entries > MostEntries || size > MostDirectory)
        {
            throw FileFault.TooMuch(); // ZIP64 and its kind: no document is so large
        }

        if (begin > endAt)
        {
            throw FileFault.Damaged();
        }

        return endAt - begin > MostDirectory ? throw FileFault.TooMuch() : begin;
    }

    /// <summary>An archive whose end lies in memory.</summary>
    private sealed class DirectoryInMemory(Stream archive, long begin, byte[] end) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => begin + end.Length;

        public override long Position { get; set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= begin)
            {
                return ReadEnd(buffer.Span);
            }

            archive.Position = Position;
            var read = await archive.ReadAsync(buffer[..(int)Math.Min(buffer.Length, begin - Position)], cancellationToken);
            Position += read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => Position >= begin ? ReadEnd(buffer) : throw new NotSupportedException("read it asynchronously");

        public override long Seek(long offset, SeekOrigin origin) =>
            Position = origin switch
            {
                SeekOrigin.Begin => offset,
                SeekOrigin.Current => Position + offset,
                _ => Length + offset,
            };

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int ReadEnd(Span<byte> buffer)
        {
            var rest = end.AsSpan((int)Math.Min(end.Length, Position - begin));
            var read = Math.Min(rest.Length, buffer.Length);
            rest[..read].CopyTo(buffer);
            Position += read;
            return read;
        }
    }
}
