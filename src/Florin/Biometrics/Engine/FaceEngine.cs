using System.Diagnostics;
using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>
/// Describes the faces in a picture by asking the engine, a process of its own. Fails closed: whatever goes wrong is a refusal, and never a description.
/// </summary>
public sealed class FaceEngine
{
    private const int MaxBytes = 8 * 1024 * 1024;
    private readonly FaceEngineSettings settings;
    private readonly FaceEngineQueue queue;
    private readonly FaceEngineProcess process;
    private readonly TimeProvider clock;

    internal FaceEngine(FaceEngineSettings settings, FaceEngineQueue queue, FaceEngineProcess process, TimeProvider clock)
    {
        this.settings = settings;
        this.queue = queue;
        this.process = process;
        this.clock = clock;
    }

    /// <summary>Whether a picture would be looked at now. It may change at any moment; callers still expect the refusal.</summary>
    public bool IsAvailable => process.Current is not null;

    /// <summary>The model of the running engine; null until it was first reached. Templates of another model are not compared.</summary>
    public string? ModelId => process.ModelId;

    /// <summary>Describes one picture.</summary>
    /// <param name="image">A JPEG or PNG, at most 8 MB and 50 megapixels.</param>
    /// <param name="purpose">What it is described for.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="Refusal">One of <see cref="BiometricsEngineRefusals"/>.</exception>
    public async Task<FaceDescription> DescribeAsync(ReadOnlyMemory<byte> image, FacePurpose purpose, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        var outcome = BiometricsEngineRefusals.Unavailable.Code;
        try
        {
            var description = await AskAsync(image, purpose, cancel);
            outcome = "described";
            return description;
        }
        catch (Refusal refusal)
        {
            outcome = refusal.Reason.Code;
            throw;
        }
        finally
        {
            FaceEngineMetrics.Calls.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
            FaceEngineMetrics.Duration.Record(clock.GetElapsedTime(begun).TotalSeconds);
        }
    }

    private async Task<FaceDescription> AskAsync(ReadOnlyMemory<byte> image, FacePurpose purpose, CancellationToken cancel)
    {
        if (image.Length is 0 or > MaxBytes)
        {
            throw (image.Length == 0 ? BiometricsEngineRefusals.BadImage : BiometricsEngineRefusals.ImageTooLarge).With();
        }

        if (!IsAvailable)
        {
            throw Unavailable();
        }

        using var turn = await queue.EnterAsync(purpose, cancel);
        var instance = process.Current ?? throw Unavailable(); // it may have ended while this picture waited
        // Not the caller's token: whoever leaves must not make room for the next picture while the engine still looks at this one.
        using var patience = new CancellationTokenSource(settings.PictureTime);
        try
        {
            var description = await instance.Client.DescribeAsync(image, purpose, instance.Version, patience.Token);
            instance.Count(settings);
            return description;
        }
        catch (Refusal)
        {
            instance.Count(settings);
            throw;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            instance.End("timeout");
            throw Unavailable();
        }
        catch (FaceEngineFaultException)
        {
            instance.CountFault();
            throw Unavailable();
        }
    }

    private static Refusal Unavailable() => new(BiometricsEngineRefusals.Unavailable) { RetryAfterSeconds = 2 };
}
