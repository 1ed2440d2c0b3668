using Florin.Identity;
using Florin.Platform;
using Npgsql;

namespace Florin.Shops;

/// <summary>The settlement accounts of a person's own shops, which payouts leave.</summary>
internal sealed class ShopsPersonAccounts(Database database) : IPersonAccounts
{
    public async Task<IReadOnlyList<long>> OfAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select a.settlement_id from shops.shops s join shops.accounts a on a.shop_id = s.id where s.owner = $1 order by a.settlement_id"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        var accounts = new List<long>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            accounts.Add(reader.GetInt64(0));
        }

        return accounts;
    }
}
