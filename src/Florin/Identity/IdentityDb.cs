using Florin.Identity;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>Identity's rows. Sessions, codes and counters are written by guarded SQL only; see <c>Sessions.cs</c>, <c>Codes.cs</c>, <c>SignIn.cs</c>.</summary>
public sealed partial class FlorinDb
{
    /// <summary>People, deleted ones included.</summary>
    public DbSet<Person> People => Set<Person>();

    /// <summary>API keys, revoked ones included.</summary>
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    /// <summary>Passkeys.</summary>
    internal DbSet<Passkey> Passkeys => Set<Passkey>();

    static partial void MapIdentity(ModelBuilder model)
    {
        model.Entity<Person>(person =>
        {
            person.ToTable("people", "identity");
            person.Property(p => p.Number).ValueGeneratedOnAdd();
            person.Property(p => p.NotificationPreferences).HasColumnType("jsonb");
            person.Property(p => p.PrivacySettings).HasColumnType("jsonb");
            person.Ignore(p => p.Active).Ignore(p => p.Claimed).Ignore(p => p.IsStaff).Ignore(p => p.PublicId).Ignore(p => p.DisplayName);
        });
        model.Entity<Passkey>().ToTable("passkeys", "identity");
        model.Entity<ApiKey>(key => key.ToTable("api_keys", "identity"));
    }
}
