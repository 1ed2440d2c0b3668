using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>
/// Describes the faces in a picture by asking the engine, a process of its own. Fails closed: whatever goes wrong is a refusal, and never a description.
/// </summary>
public sealed class FaceEngine
{
    internal FaceEngine() { }

    /// <summary>Whether a picture would be looked at now. It may change at any moment; callers still expect the refusal.</summary>
    public bool IsAvailable => false;

    /// <summary>The model of the running engine; null until it was first reached. Templates of another model are not compared.</summary>
    public string? ModelId => null;

    /// <summary>Describes one picture.</summary>
    /// <param name="image">A JPEG or PNG, at most 8 MB and 50 megapixels.</param>
    /// <param name="purpose">What it is described for.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="Refusal">One of <see cref="BiometricsEngineRefusals"/>.</exception>
    public Task<FaceDescription> DescribeAsync(ReadOnlyMemory<byte> image, FacePurpose purpose, CancellationToken cancel) =>
        Task.FromException<FaceDescription>(BiometricsEngineRefusals.Unavailable.With());
}
