using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>What describes faces, and the demonstration for veins.</summary>
public static class BiometricsEngineModule
{
    /// <summary>The services: <see cref="FaceEngine"/> with what starts and watches its process, and <see cref="FingerVeins"/>.</summary>
    public static void AddFaceEngine(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(new FaceEngineSettings(settings));
        services.AddSingleton(new FingerVeins(settings));
        services.AddSingleton<FaceEngineQueue>();
        services.AddSingleton<FaceEngineProcess>();
        services.AddHostedService(provider => provider.GetRequiredService<FaceEngineProcess>());
        services.AddSingleton(provider => new FaceEngine(
            provider.GetRequiredService<FaceEngineSettings>(),
            provider.GetRequiredService<FaceEngineQueue>(),
            provider.GetRequiredService<FaceEngineProcess>(),
            provider.GetRequiredService<TimeProvider>()
        ));
    }
}
