using Florin.Platform;

namespace Florin.Biometrics;

/// <summary>The face engine.</summary>
public static class BiometricsEngineModule
{
    /// <summary>Its services: <see cref="FaceEngine"/>, and what starts and watches the process.</summary>
    public static void AddFaceEngine(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(new FaceEngineSettings(settings));
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
