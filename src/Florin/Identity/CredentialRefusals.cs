using Florin.Platform;

namespace Florin.Identity;

/// <summary>Why PINs, second factors, pictures, API keys and changes of people are declined.</summary>
public static class CredentialRefusals
{
    /// <summary>No JPEG, PNG or WebP, or cut short.</summary>
    public static readonly RefusalCode PictureNotReadable = new("picture_not_readable", 422, "Send a whole JPEG, PNG or WebP picture.");

    /// <summary>Too many bytes or pixels.</summary>
    public static readonly RefusalCode PictureTooLarge = new("picture_too_large", 413, "A picture may have at most 5 MB and 8000 × 8000 pixels.");
}
