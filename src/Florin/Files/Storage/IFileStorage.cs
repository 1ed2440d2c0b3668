using Florin.Platform;

namespace Florin.Files.Storage;

/// <summary>Where the files of customers lie, under names of ours (<see cref="FileStore.NewName"/>), never under the web root.</summary>
internal interface IFileStorage
{
    /// <summary>Stores a file while its bytes come: whole or not at all.</summary>
    /// <param name="name">Its name; each is stored once.</param>
    /// <param name="content">The bytes, to their end. What reading them throws stops it.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="StorageFault">It could not be stored.</exception>
    Task SaveAsync(string name, Stream content, CancellationToken cancel);

    /// <summary>Opens a file: a stream that can seek. The caller closes it.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="StorageFault">The storage does not answer; reading the stream may throw it too.</exception>
    Task<Stream?> OpenAsync(string name, CancellationToken cancel);

    /// <summary>Removes a file; one that is not there is no fault.</summary>
    /// <exception cref="StorageFault">The storage does not answer.</exception>
    Task DeleteAsync(string name, CancellationToken cancel);
}

/// <summary>The storage does not answer, is full, or refuses us: it may go well later.</summary>
internal sealed class StorageFault(string message, Exception? inner = null) : IOException(message, inner);
