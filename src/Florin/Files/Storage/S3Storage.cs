using System.Buffers;

namespace Florin.Files.Storage;

/// <summary>Files in an S3-compatible storage. A larger one goes in parts, of which one at a time is in memory; it is there when its parts are put together.</summary>
internal sealed class S3Storage(S3Client client) : IFileStorage
{
    public async Task SaveAsync(string name, Stream content, CancellationToken cancel)
    {
        var part = ArrayPool<byte>.Shared.Rent(client.PartBytes);
        try
        {
            var filled = await FillAsync(content, part, cancel);
            if (filled < client.PartBytes)
            {
                await client.PutAsync(name, part.AsMemory(0, filled), cancel);
                return;
            }

            await SaveInPartsAsync(name, content, part, cancel);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
        }
    }

    public async Task<Stream?> OpenAsync(string name, CancellationToken cancel) =>
        await client.LengthAsync(name, cancel) is { } length ? new S3ReadStream(client, name, length) : null;

    public Task DeleteAsync(string name, CancellationToken cancel) => client.DeleteAsync(name, cancel);

    private async Task SaveInPartsAsync(string name, Stream content, byte[] part, CancellationToken cancel)
    {
        var upload = await client.BeginAsync(name, cancel);
        var done = false;
        try
        {
            var tags = new List<string>();
            for (var filled = client.PartBytes; filled > 0; filled = await FillAsync(content, part, cancel))
            {
                tags.Add(await client.PutPartAsync(name, upload, tags.Count + 1, part.AsMemory(0, filled), cancel));
            }

            await client.CompleteAsync(name, upload, tags, cancel);
            done = true;
        }
        finally
        {
            if (!done)
            {
                await AbortAsync(name, upload);
            }
        }
    }

    // The fault that led here is the one to tell. Parts that stay are for the bucket's own rule on unfinished uploads.
    private async Task AbortAsync(string name, string upload)
    {
        try
        {
            await client.AbortAsync(name, upload, CancellationToken.None);
        }
        catch (StorageFault)
        {
            // As above.
        }
    }

    private ValueTask<int> FillAsync(Stream content, byte[] part, CancellationToken cancel) =>
        content.ReadAtLeastAsync(part.AsMemory(0, client.PartBytes), client.PartBytes, throwOnEndOfStream: false, cancel);
}
