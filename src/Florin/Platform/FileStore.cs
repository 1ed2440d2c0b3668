using System.Diagnostics.CodeAnalysis;

namespace Florin.Platform;

/// <summary>
/// Files under <c>FLORIN_DATA/files/FOLDER</c>, outside the web root, under random names of ours, written whole or not at all.
/// Several servers share the folder.
/// </summary>
public sealed class FileStore(Settings settings)
{
    private const int NameLength = 64;
    private const string Passing = ".new";

    /// <summary>Stores a file: written under a passing name, flushed to the disk, then moved to its own.</summary>
    /// <param name="folder">A constant word, one per kind of file.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="cancel">Stops writing; nothing is left behind.</param>
    /// <returns>Its name, to be kept in a row.</returns>
    public async Task<string> SaveAsync(string folder, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        var name = NewName();
        await SaveAsync(folder, name, file => file.WriteAsync(content, cancel).AsTask());
        return name;
    }

    /// <summary>Stores a file under a name that <see cref="NewName"/> made, while its bytes come.</summary>
    /// <param name="folder">A constant word, one per kind of file.</param>
    /// <param name="name">The name.</param>
    /// <param name="content">The bytes, to their end.</param>
    /// <param name="cancel">Stops writing; nothing is left behind.</param>
    public Task SaveAsync(string folder, string name, Stream content, CancellationToken cancel) =>
        SaveAsync(folder, name, file => content.CopyToAsync(file, cancel));

    /// <summary>A name for a file: 256 random bits.</summary>
    public static string NewName() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(NameLength / 2));

    private async Task SaveAsync(string folder, string name, Func<FileStream, Task> write)
    {
        var path = PathOf(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var passing = path + Passing;
        try
        {
            await using (var file = new FileStream(passing, Private(FileMode.CreateNew)))
            {
                await write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(passing, path, overwrite: false);
        }
        finally
        {
            File.Delete(passing); // there is none after the move
        }
    }

    /// <summary>Opens a file for reading; the caller closes it.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryOpen(string folder, string name, [NotNullWhen(true)] out FileStream? file)
    {
        try
        {
            file = new FileStream(PathOf(folder, name), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 4096, useAsync: true);
            return true;
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            file = null;
            return false;
        }
    }

    /// <summary>Removes a file; one that is not there is no fault.</summary>
    public void Delete(string folder, string name)
    {
        var path = PathOf(folder, name);
        foreach (var file in (string[])[path, path + Passing]) // also what a server that died while it wrote has left
        {
            if (File.Exists(file))
            {
                File.Delete(file);
            }
        }
    }

    // Names come from our own rows; the check keeps a forged row from reaching another folder.
    private string PathOf(string folder, string name) =>
        name.Length == NameLength && name.All(char.IsAsciiHexDigitLower)
            ? Path.Combine(settings.Data, "files", folder, name[..2], name)
            : throw new ArgumentException("not a name that the store gave", nameof(name));

    private static FileStreamOptions Private(FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.Write,
            Share = FileShare.None,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
