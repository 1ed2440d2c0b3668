using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>The shops that a person owns or works in. An owner closes them first; work in others' shops ends.</summary>
internal sealed class ShopsPersonalData(IServiceScopeFactory scopes) : IPersonalData
{
    public string Section => "shops";

    public async Task<object> ExportAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var owned = await db.Shops.AsNoTracking().Where(shop => shop.Owner == person).OrderBy(shop => shop.Id).ToListAsync(cancel);
        var worked = await db.ShopMembers.AsNoTracking().Where(member => member.PersonId == person).ToListAsync(cancel);
        return new
        {
            Owned = owned.ConvertAll(shop => ShopView.Of(shop, [])),
            WorkedIn = worked.ConvertAll(member => new { Shop = Ids.Show(Shop.Prefix, member.ShopId), member.Since }),
        };
    }

    public async Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var leave = new NpgsqlCommand("delete from shops.members where person_id = $1", connection);
        leave.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await leave.ExecuteNonQueryAsync(cancel);
    }
}
