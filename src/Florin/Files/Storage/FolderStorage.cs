using Florin.Platform;

namespace Florin.Files.Storage;

/// <summary>Files in the data folder, which all servers share.</summary>
internal sealed class FolderStorage(FileStore files) : IFileStorage
{
    private const string Folder = "uploads";

    public async Task SaveAsync(string name, Stream content, CancellationToken cancel)
    {
        try
        {
            await files.SaveAsync(Folder, name, content, cancel);
        }
        catch (BadHttpRequestException)
        {
            throw; // the sender's fault, not the disk's
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StorageFault("the data folder cannot be written", fault);
        }
    }

    public Task<Stream?> OpenAsync(string name, CancellationToken cancel)
    {
        try
        {
            return Task.FromResult<Stream?>(files.TryOpen(Folder, name, out var file) ? file : null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StorageFault("the data folder cannot be read", fault);
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancel)
    {
        try
        {
            files.Delete(Folder, name);
            return Task.CompletedTask;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StorageFault("the data folder cannot be written", fault);
        }
    }
}
