using Florin.Biometrics;
using Florin.Platform;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Florin.Tests.Biometrics;

/// <summary>A face engine as the server starts and watches it, without the server around it.</summary>
internal sealed class EngineRig : IAsyncDisposable
{
    private readonly FaceEngineQueue queue;

    private EngineRig(string data, FaceEngineSettings settings)
    {
        Data = data;
        Settings = settings;
        queue = new FaceEngineQueue(settings);
        Process = new FaceEngineProcess(settings, queue, TimeProvider.System, NullLogger<FaceEngineProcess>.Instance);
        Engine = new FaceEngine(settings, queue, Process, TimeProvider.System);
    }

    public string Data { get; }

    public FaceEngineSettings Settings { get; }

    public FaceEngineProcess Process { get; }

    public FaceEngine Engine { get; }

    public static async Task<EngineRig> StartAsync(string setting = "", Func<FaceEngineSettings, FaceEngineSettings>? change = null)
    {
        var data = Directory.CreateTempSubdirectory("florin-engine-").FullName;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("FLORIN_DATA", data), new("FLORIN_FACE_ENGINE", setting)]).Build();
        var settings = new FaceEngineSettings(new Settings(configuration));
        var rig = new EngineRig(data, change?.Invoke(settings) ?? settings);
        await rig.Process.StartAsync(CancellationToken.None);
        return rig;
    }

    /// <summary>Describes a picture; its refusal's code where it is declined.</summary>
    public async Task<(string? Code, FaceDescription? Seen)> TryAsync(byte[] picture, FacePurpose purpose = FacePurpose.Verify)
    {
        try
        {
            return (null, await Engine.DescribeAsync(picture, purpose, TestContext.Current.CancellationToken));
        }
        catch (Refusal refusal)
        {
            return (refusal.Reason.Code, null);
        }
    }

    public Task AvailableAsync() => Process.AvailableAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2));

    public async ValueTask DisposeAsync()
    {
        await Process.StopAsync(CancellationToken.None);
        Process.Dispose();
        queue.Dispose();
        Directory.Delete(Data, recursive: true);
    }
}
