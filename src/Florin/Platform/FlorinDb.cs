using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>
/// The modules' ordinary rows. Each module adds its sets and its mapping in its own part (<c>IdentityDb.cs</c> …).
/// No balance is ever mapped here: only the ledger writes those.
/// </summary>
/// <param name="options">Pool and provider.</param>
public sealed partial class FlorinDb(DbContextOptions<FlorinDb> options) : DbContext(options)
{
    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        MapOutbox(modelBuilder);
        MapActivity(modelBuilder);
        MapIdentity(modelBuilder);
        MapPayments(modelBuilder);
        MapWallets(modelBuilder);
        MapShops(modelBuilder);
        MapVouchers(modelBuilder);
        MapFx(modelBuilder);
        MapGateways(modelBuilder);
        MapReconciliation(modelBuilder);
        MapFiles(modelBuilder);
        MapWebhooks(modelBuilder);
        MapNotifications(modelBuilder);
        MapBiometrics(modelBuilder);
        MapAdmin(modelBuilder);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(SnakeCase().Replace(property.Name, "${before}_${capital}").ToLowerInvariant());
        }
    }

    static partial void MapOutbox(ModelBuilder model);

    static partial void MapActivity(ModelBuilder model);

    static partial void MapIdentity(ModelBuilder model);

    static partial void MapPayments(ModelBuilder model);

    static partial void MapWallets(ModelBuilder model);

    static partial void MapShops(ModelBuilder model);

    static partial void MapVouchers(ModelBuilder model);

    static partial void MapFx(ModelBuilder model);

    static partial void MapGateways(ModelBuilder model);

    static partial void MapReconciliation(ModelBuilder model);

    static partial void MapFiles(ModelBuilder model);

    static partial void MapWebhooks(ModelBuilder model);

    static partial void MapNotifications(ModelBuilder model);

    static partial void MapBiometrics(ModelBuilder model);

    static partial void MapAdmin(ModelBuilder model);

    [GeneratedRegex("(?<before>[a-z0-9])(?<capital>[A-Z])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SnakeCase();
}
