using Florin.Biometrics;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>The biometrics' part of the context: comparisons only. Templates and keys are read by their own statements.</summary>
public sealed partial class FlorinDb
{
    /// <summary>Every comparison of a face.</summary>
    internal DbSet<FaceAttempt> FaceAttempts => Set<FaceAttempt>();

    static partial void MapBiometrics(ModelBuilder model) => model.Entity<FaceAttempt>().ToTable("attempts", "biometrics");
}
