using Florin.Platform;
using Npgsql;

namespace Florin.Compat;

/// <summary>
/// Small integer ids for things whose real ids are UUIDs, of each kind 1, 2, 3 …; given when a thing is first shown to an old client, and never changed.
/// A kind is named after its system and thing: <c>vein_pay.bill</c>. People are known by <see cref="Identity.Person.Number"/> everywhere.
/// </summary>
internal sealed class CompatIds(Database database)
{
    /// <summary>The number of one thing.</summary>
    public async Task<long> NumberAsync(string kind, Guid id, CancellationToken cancel) => (await NumbersAsync(kind, [id], cancel))[id];

    /// <summary>The numbers of many things. Where several are new, the older gets the lower (UUIDv7 sorts by time).</summary>
    public async Task<IReadOnlyDictionary<Guid, long>> NumbersAsync(string kind, IReadOnlyCollection<Guid> ids, CancellationToken cancel)
    {
        Guid[] wanted = [.. ids.Distinct()];
        if (wanted.Length == 0)
        {
            return new Dictionary<Guid, long>();
        }

        var known = await KnownAsync(kind, wanted, cancel);
        return known.Count == wanted.Length ? known : await database.TransactionAsync(connection => GiveAsync(connection, kind, wanted, cancel), cancel);
    }

    /// <summary>The thing behind a number that was shown; null where none was.</summary>
    public async Task<Guid?> FindAsync(string kind, long number, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select id from compat.ids where kind = $1 and number = $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
        return await command.ExecuteScalarAsync(cancel) as Guid?;
    }

    // The connection is back in the pool before another is asked for: many who hold one and wait for a second would wait for each other.
    private async Task<IReadOnlyDictionary<Guid, long>> KnownAsync(string kind, Guid[] wanted, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await ReadAsync(connection, kind, wanted, cancel);
    }

    private static async Task<IReadOnlyDictionary<Guid, long>> GiveAsync(NpgsqlConnection connection, string kind, Guid[] wanted, CancellationToken cancel)
    {
        await using (var open = new NpgsqlCommand("insert into compat.kinds (kind) values ($1) on conflict do nothing", connection))
        {
            open.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
            await open.ExecuteNonQueryAsync(cancel);
        }

        // The lock first: what another gave meanwhile is seen by the statement after it.
        await using (var hold = new NpgsqlCommand("select 1 from compat.kinds where kind = $1 for update", connection))
        {
            hold.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
            await hold.ExecuteNonQueryAsync(cancel);
        }

        await using (
            var give = new NpgsqlCommand(
                """
                with given as (
                    insert into compat.ids (kind, id, number)
                    select $1, n.id, k.last_number + row_number() over (order by n.id)
                    from unnest($2) n (id), compat.kinds k
                    where k.kind = $1 and not exists (select from compat.ids o where o.kind = $1 and o.id = n.id)
                    returning number
                )
                update compat.kinds set last_number = (select max(number) from given) where kind = $1 and exists (select from given)
                """,
                connection
            )
        )
        {
            give.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
            give.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = wanted });
            await give.ExecuteNonQueryAsync(cancel);
        }

        return await ReadAsync(connection, kind, wanted, cancel);
    }

    private static async Task<IReadOnlyDictionary<Guid, long>> ReadAsync(NpgsqlConnection connection, string kind, Guid[] wanted, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select id, number from compat.ids where kind = $1 and id = any($2)", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = wanted });
        var found = new Dictionary<Guid, long>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            found.Add(reader.GetGuid(0), reader.GetInt64(1));
        }

        return found;
    }
}
