using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Florin.Platform;

namespace Florin.Admin.Backups;

/// <summary>A part of an archive.</summary>
/// <param name="Name"><c>database.dump</c>, <c>secret-key</c>, or a path below <c>files/</c>.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Hex.</param>
internal sealed record ArchivePart(string Name, long Bytes, string Sha256);

/// <summary>What an archive holds; its last entry, <c>manifest.json</c>.</summary>
/// <param name="Format">1.</param>
/// <param name="MadeAt">When the database was read: everything is as of this moment.</param>
/// <param name="ServerRole">The role that the dump grants rights to.</param>
/// <param name="Postgres">The version of the server that it was read from.</param>
/// <param name="KeyCheck">Tells whether a secret is the one that sealed this database, and nothing about it.</param>
/// <param name="Migrations">The migrations that the database had.</param>
/// <param name="LeftOut">Tables whose rows are not in it.</param>
/// <param name="Tables">What every other table held.</param>
/// <param name="Balances">The trial balance: name and currency, and the sum in minor units.</param>
/// <param name="Parts">The other entries.</param>
internal sealed record Manifest(
    int Format,
    DateTimeOffset MadeAt,
    string ServerRole,
    string Postgres,
    string KeyCheck,
    IReadOnlyList<string> Migrations,
    IReadOnlyList<string> LeftOut,
    IReadOnlyList<TableFact> Tables,
    IReadOnlyDictionary<string, long> Balances,
    IReadOnlyList<ArchivePart> Parts
)
{
    /// <summary>The format that this program writes and reads.</summary>
    public const int Current = 1;

    /// <summary>The manifest's own entry.</summary>
    public const string Entry = "manifest.json";

    /// <summary>The dump's entry, in the custom format of <c>pg_dump</c>.</summary>
    public const string Dump = "database.dump";

    /// <summary>The installation's secret, where it was asked for.</summary>
    public const string SecretKey = "secret-key";

    /// <summary>What the entries of stored files begin with.</summary>
    public const string Files = "files/";

    /// <summary>As <see cref="KeyCheck"/>.</summary>
    public static string CheckOf(Secrets secrets) => Convert.ToHexStringLower(secrets.Key("backup-check").AsSpan(0, 8));
}

/// <summary>Reads an archive: a tar file whose parts are checked against its manifest before anything is made of them.</summary>
internal static class Archive
{
    private static readonly JsonSerializerOptions Json = new(Wire.Json) { WriteIndented = true };

    /// <summary>Adds a part, and keeps its checksum.</summary>
    /// <param name="tar">The archive.</param>
    /// <param name="name">The entry's name.</param>
    /// <param name="content">A stream that knows its length.</param>
    /// <param name="cancel">Stops it.</param>
    public static async Task<ArchivePart> AddAsync(TarWriter tar, string name, Stream content, CancellationToken cancel)
    {
        await using var counted = new DigestStream(content);
        var entry = new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = counted, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await tar.WriteEntryAsync(entry, cancel);
        return new ArchivePart(name, counted.Length, counted.Sha256());
    }

    /// <summary>Adds the manifest, which ends the archive.</summary>
    public static Task EndAsync(TarWriter tar, Manifest manifest, CancellationToken cancel) =>
        AddAsync(tar, Manifest.Entry, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, Json)), cancel);

    /// <summary>Reads every byte of it, and compares it with the manifest.</summary>
    /// <exception cref="CommandFailure">It is no archive of ours, cut short, changed, or of another format.</exception>
    public static async Task<Manifest> CheckAsync(string path, CancellationToken cancel)
    {
        var found = new Dictionary<string, ArchivePart>(StringComparer.Ordinal);
        Manifest? manifest = null;
        await ReadAsync(
            path,
            async (name, content) =>
            {
                if (string.Equals(name, Manifest.Entry, StringComparison.Ordinal))
                {
                    manifest = await ManifestAsync(content, cancel);
                    return;
                }

                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                var buffer = new byte[1 << 20];
                long bytes = 0;
                for (int read; (read = await content.ReadAsync(buffer, cancel)) > 0; bytes += read)
                {
                    hash.AppendData(buffer, 0, read);
                }

                if (!found.TryAdd(name, new ArchivePart(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()))))
                {
                    throw new CommandFailure($"the archive holds {name} twice");
                }
            },
            cancel
        );
        if (manifest is null)
        {
            throw new CommandFailure("the archive has no manifest: it is cut short, or none of ./florin backup");
        }

        if (manifest.Format != Manifest.Current)
        {
            throw new CommandFailure($"the archive has format {manifest.Format}, and this program reads {Manifest.Current}");
        }

        var wrong = manifest.Parts.FirstOrDefault(part => !found.Remove(part.Name, out var there) || there != part)?.Name ?? found.Keys.FirstOrDefault();
        return wrong is null ? manifest : throw new CommandFailure($"{wrong} in the archive is not as its manifest says: the file was damaged or changed");
    }

    /// <summary>Reads it entry by entry.</summary>
    public static async Task ReadAsync(string path, Func<string, Stream, Task> take, CancellationToken cancel)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
            await using var tar = new TarReader(file);
            while (await tar.GetNextEntryAsync(copyData: false, cancel) is { } entry)
            {
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                {
                    throw new CommandFailure($"the archive holds something that is no file: {entry.Name}");
                }

                await take(entry.Name, entry.DataStream ?? Stream.Null);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or JsonException)
        {
            throw new CommandFailure($"{path} is no whole archive of ./florin backup");
        }
    }

    private static async Task<Manifest> ManifestAsync(Stream content, CancellationToken cancel) =>
        await JsonSerializer.DeserializeAsync<Manifest>(content, Json, cancel) ?? throw new CommandFailure("the archive's manifest is empty");

    /// <summary>Hashes what is read through it.</summary>
    private sealed class DigestStream(Stream inner) : Stream
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => true;

        public override bool CanSeek => true; // the writer asks for the length

        public override bool CanWrite => false;

        public override long Length { get; } = inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => throw new NotSupportedException();
        }

        public string Sha256() => Convert.ToHexStringLower(hash.GetHashAndReset());

        public override int Read(byte[] buffer, int offset, int count) => Count(buffer.AsSpan(offset, inner.Read(buffer, offset, count)));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(buffer[..await inner.ReadAsync(buffer, cancellationToken)].Span);

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            hash.Dispose();
            inner.Dispose();
            base.Dispose(disposing);
        }

        private int Count(ReadOnlySpan<byte> read)
        {
            hash.AppendData(read);
            return read.Length;
        }
    }
}
