using Florin.Ledger;
using Florin.Platform;
using Npgsql;

namespace Florin.Wallets;

/// <summary>Who stands on the other side of entries.</summary>
internal sealed class WalletNames(Database database)
{
    /// <summary>The wallets among the counterparts of these entries, by account; their names only where they are this person's own.</summary>
    public async Task<IReadOnlyDictionary<long, ListEntries.Counterpart>> OfCounterpartsAsync(
        IEnumerable<EntryView> entries,
        Guid person,
        CancellationToken cancel
    )
    {
        var accounts = entries.SelectMany(entry => entry.Counterparts).Distinct().ToArray();
        var names = new Dictionary<long, ListEntries.Counterpart>();
        if (accounts.Length == 0)
        {
            return names;
        }

        await using var command = database.Source.CreateCommand(
            "select account_id, number, case when person_id = $2 then name end from wallets.wallets where account_id = any($1)"
        );
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = accounts });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            names.Add(reader.GetInt64(0), new ListEntries.Counterpart(reader.GetString(1), await reader.IsDBNullAsync(2, cancel) ? null : reader.GetString(2)));
        }

        return names;
    }
}
