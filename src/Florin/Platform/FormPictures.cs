namespace Florin.Platform;

/// <summary>A form with fields and pictures that are looked at and not kept: nothing of it touches the disk.</summary>
/// <param name="Fields">Each field once.</param>
/// <param name="Pictures">The files, in order.</param>
public sealed record FormPictures(IReadOnlyDictionary<string, string> Fields, IReadOnlyList<byte[]> Pictures)
{
    private const int MostFields = 16;

    /// <summary>Reads a multipart form.</summary>
    /// <param name="request">Its request.</param>
    /// <param name="name">The name of the file field, which may stand there several times.</param>
    /// <param name="most">How many files at most.</param>
    /// <param name="mostBytes">How large the whole body may be, as the route limits it.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="Refusal"><c>invalid_request</c>, <c>unsupported_media_type</c></exception>
    public static async Task<FormPictures> ReadAsync(HttpRequest request, string name, int most, long mostBytes, CancellationToken cancel)
    {
        if (!request.HasFormContentType)
        {
            throw PlatformRefusals.UnsupportedMediaType.With();
        }

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(
                new()
                {
                    ValueCountLimit = MostFields,
                    MultipartBodyLengthLimit = mostBytes,
                    MemoryBufferThreshold = (int)mostBytes, // else it would lie in a temporary file for a while
                },
                cancel
            );
        }
        catch (InvalidDataException)
        {
            throw PlatformRefusals.InvalidRequest.Field("body", "is not a form");
        }

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (field, values) in form)
        {
            fields[field] = values is [{ } only] ? only : throw PlatformRefusals.InvalidRequest.Field(field, "stands there more than once");
        }

        return new FormPictures(fields, await PicturesAsync(form.Files, name, most, cancel));
    }

    private static async Task<List<byte[]>> PicturesAsync(IFormFileCollection files, string name, int most, CancellationToken cancel)
    {
        if (files.FirstOrDefault(file => !string.Equals(file.Name, name, StringComparison.Ordinal)) is { } other)
        {
            throw PlatformRefusals.InvalidRequest.Field(other.Name, "is not a file of this request");
        }

        if (files.Count > most)
        {
            throw PlatformRefusals.InvalidRequest.Field(name, $"at most {most} files");
        }

        var pictures = new List<byte[]>(files.Count);
        foreach (var file in files)
        {
            var picture = new byte[file.Length];
            await using var content = file.OpenReadStream();
            await content.ReadExactlyAsync(picture, cancel);
            pictures.Add(picture);
        }

        return pictures;
    }
}
