using Npgsql;

namespace Florin.Platform;

/// <summary>What a module knows of a person, for their export and for the end of their account. Registered as a singleton by each such module.</summary>
public interface IPersonalData
{
    /// <summary>The section's name in the export, snake_case.</summary>
    string Section { get; }

    /// <summary>Everything that the module keeps of the person, JSON-serialisable, without hashes and secrets.</summary>
    Task<object> ExportAsync(Guid person, CancellationToken cancel);

    /// <summary>
    /// Takes away what names the person. It runs in one transaction with all other modules, so that everything goes or nothing;
    /// it may object by throwing a <see cref="Refusal"/> (there is still money). Rows that the law wants kept stay, without the name.
    /// </summary>
    /// <param name="person">Whose.</param>
    /// <param name="connection">Holds the transaction. The ledger may not be awaited here.</param>
    /// <param name="cancel">Stops it.</param>
    Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel);
}
