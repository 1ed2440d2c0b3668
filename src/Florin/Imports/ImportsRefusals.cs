using Florin.Platform;

namespace Florin.Imports;

/// <summary>Why an import declines.</summary>
public static class ImportsRefusals
{
    /// <summary>No database, not of this system, or spoilt.</summary>
    public static readonly RefusalCode Unreadable = new("import_unreadable", 422, "The file cannot be read as a database of that system.");

    /// <summary>Something else took a name, code or number while it ran, or another import of the same database ran.</summary>
    public static readonly RefusalCode Overtaken = new("import_overtaken", 409, "Something changed while the import ran; nothing was imported. Run it again.");

    /// <summary>A refusal in one line, for the operator.</summary>
    internal static string Say(Refusal refusal) =>
        refusal.Errors is { } errors ? string.Join("; ", errors.Select(field => $"{field.Key} {string.Join(", ", field.Value)}")) : refusal.Message;
}
