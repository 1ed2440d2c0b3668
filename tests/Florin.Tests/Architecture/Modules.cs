namespace Florin.Tests.Architecture;

/// <summary>The modules from left to right. Each may use only what stands left of it, and not its neighbours in the same place.</summary>
internal static class Modules
{
    private static readonly string[][] LeftToRight =
    [
        ["Money"],
        ["Platform"],
        ["Ledger"],
        ["Activity"],
        ["Identity"],
        ["Fx"],
        ["Payments"],
        ["Wallets"],
        ["Gateways", "Shops", "Vouchers", "Files"],
        ["Qr", "Biometrics"],
        ["Webhooks", "Notifications", "Analytics"],
        ["Admin"],
        ["Compat", "Imports"],
        ["Demo"],
    ];

    /// <summary>Whether the table holds this module.</summary>
    public static bool IsKnown(string module) => PlaceOf(module) >= 0;

    /// <summary>Whether code of one module may use another's.</summary>
    public static bool MayUse(string from, string to) =>
        string.Equals(from, to, StringComparison.Ordinal) || (IsKnown(from) && IsKnown(to) && PlaceOf(to) < PlaceOf(from));

    private static int PlaceOf(string module) => Array.FindIndex(LeftToRight, place => place.Contains(module, StringComparer.Ordinal));
}
