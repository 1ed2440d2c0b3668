using Florin.Platform;

namespace Florin.Ledger;

/// <summary>Hands out ids for new accounts.</summary>
public sealed class AccountIds(Database database)
{
    internal async ValueTask<long> NextAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select nextval('ledger.account_ids')");
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }
}
