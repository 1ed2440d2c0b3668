using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>Why the face engine did not describe a picture. None of them ever means that a face matched.</summary>
public static class BiometricsEngineRefusals
{
    /// <summary>There is no engine, it is starting, it crashed on this picture, or it took longer than 3 seconds.</summary>
    public static readonly RefusalCode Unavailable = new("face_unavailable", 503, "Faces cannot be checked at the moment; take another way to pay.");

    /// <summary>More pictures wait than the engine can look at in time.</summary>
    public static readonly RefusalCode Busy = new("face_busy", 503, "Too many faces are being checked; retry in a second.");

    /// <summary>The bytes are no whole picture that can be decoded.</summary>
    public static readonly RefusalCode BadImage = new("bad_image", 422, "The picture cannot be read; take it again.");

    /// <summary>Neither JPEG nor PNG by its content, whatever the content type says.</summary>
    public static readonly RefusalCode ImageType = new("face_image_type", 415, "Send the face as a JPEG or PNG picture.");

    /// <summary>More than 8 MB or more than 50 megapixels.</summary>
    public static readonly RefusalCode ImageTooLarge = new("face_image_too_large", 413, "A picture of a face may have at most 8 MB and 50 megapixels.");
}
