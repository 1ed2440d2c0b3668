using Florin.Platform;
using Npgsql;

namespace Florin.Shops;

/// <summary>A shop as anybody may know it.</summary>
/// <param name="Id">The shop.</param>
/// <param name="Name">As payers read it.</param>
/// <param name="Open">Whether it still sells.</param>
public sealed record ShopSign(Guid Id, string Name, bool Open)
{
    /// <summary>What stands in its QR code: the id in 22 characters. It is no secret.</summary>
    public string Code => Shop.CodeOf(Id);
}

/// <summary>What other modules may know of shops: what they are called, and who works there at this moment.</summary>
public sealed class ShopFront(Database database)
{
    /// <summary>A shop by its id or by its code.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public async Task<ShopSign> FindAsync(string idOrCode, CancellationToken cancel)
    {
        var id = Shop.ReadIdOrCode(idOrCode);
        await using var command = database.Source.CreateCommand("select name, closed_at is null from shops.shops where id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? new ShopSign(id, reader.GetString(0), reader.GetBoolean(1)) : throw PlatformRefusals.NotFound.With();
    }

    /// <summary>The oldest open shop of a person; null where they own none.</summary>
    public async Task<ShopSign?> OfOwnerAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select id, name from shops.shops where owner = $1 and closed_at is null order by id limit 1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? new ShopSign(reader.GetGuid(0), reader.GetString(1), Open: true) : null;
    }

    /// <summary>Whether any of these ledger accounts belongs to a shop of this person's.</summary>
    public async Task<bool> OwnsAnyAsync(Guid person, long[] accounts, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select exists (
                select from shops.accounts a join shops.shops s on s.id = a.shop_id
                where s.owner = $1 and (a.settlement_id = any($2) or a.drawer_id = any($2))
            )
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = accounts });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>A shop's public id.</summary>
    public static string Show(Guid shop) => Ids.Show(Shop.Prefix, shop);

    /// <summary>Passes for the owner of an open shop.</summary>
    /// <returns>The shop.</returns>
    /// <exception cref="Refusal"><c>not_found</c> for strangers, <c>forbidden</c> for those who work there</exception>
    public async Task<Guid> DemandOwnerAsync(Guid person, string id, CancellationToken cancel)
    {
        var shop = Ids.Read(Shop.Prefix, id);
        if (!await WorksInAsync(person, shop, cancel))
        {
            throw PlatformRefusals.NotFound.With();
        }

        await using var command = database.Source.CreateCommand("select exists (select from shops.shops where id = $1 and owner = $2 and closed_at is null)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        return await command.ExecuteScalarAsync(cancel) is true ? shop : throw PlatformRefusals.Forbidden.With("Only the owner of an open shop may do this.");
    }

    /// <summary>Whether a person owns the shop or works in it.</summary>
    public async Task<bool> WorksInAsync(Guid person, Guid shop, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select exists (select from shops.shops where id = $1 and owner = $2)
                or exists (select from shops.members where shop_id = $1 and person_id = $2)
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = shop });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    /// <summary>The shops that any of these people works in without owning it.</summary>
    public async Task<IReadOnlyList<Guid>> OfMembersAsync(IReadOnlyCollection<Guid> people, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select distinct shop_id from shops.members where person_id = any($1)");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. people] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var shops = new List<Guid>();
        while (await reader.ReadAsync(cancel))
        {
            shops.Add(reader.GetGuid(0));
        }

        return shops;
    }

    /// <summary>Who works in these shops now besides their owners. Ids that are no shop's have nobody.</summary>
    public async Task<ILookup<Guid, Guid>> MembersAsync(IReadOnlyCollection<Guid> shops, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select shop_id, person_id from shops.members where shop_id = any($1)");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. shops] });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var members = new List<(Guid Shop, Guid Person)>();
        while (await reader.ReadAsync(cancel))
        {
            members.Add((reader.GetGuid(0), reader.GetGuid(1)));
        }

        return members.ToLookup(member => member.Shop, member => member.Person);
    }
}
