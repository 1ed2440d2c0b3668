using Florin.Platform;

namespace Florin.Ledger;

/// <summary>The only module that changes a balance.</summary>
public static class LedgerModule
{
    /// <summary>Its services.</summary>
    public static void AddLedger(this IServiceCollection services)
    {
        services.AddSingleton<LedgerQueue>();
        services.AddSingleton<AccountIds>();
        services.AddSingleton<LedgerReads>();
        services.AddSingleton<HouseAccounts>();
        services.AddSingleton<GeneralLedger>();
    }
}
