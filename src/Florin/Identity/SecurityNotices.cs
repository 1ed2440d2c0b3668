using System.Globalization;
using System.Net;
using Florin.Platform;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Identity;

/// <summary>Tells people what happened to the safety of their account, in the transaction in which it happens. Nobody can turn these off.</summary>
public sealed class SecurityNotices
{
    private readonly Secrets secrets;
    private readonly TimeProvider clock;

    internal SecurityNotices(Secrets secrets, TimeProvider clock)
    {
        this.secrets = secrets;
        this.clock = clock;
    }

    /// <summary>A time as people read it in messages.</summary>
    public static string Show(DateTimeOffset time) => time.UtcDateTime.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The message as rows to insert with the effect; none where no address or number of the person is proven.</summary>
    public RowInsert[] Rows(HttpContext http, Person person, string template, params IEnumerable<(string Name, string Value)> more) =>
        person.ProvenContact() is { } contact
            ? [Outbox.Row(new MessageRequest(contact.Channel, contact.To, template, Values(http, more)).Event(secrets, person.Id))]
            : [];

    /// <summary>The same about what staff did: whoever reads it learns nothing of where the staff are.</summary>
    internal RowInsert[] Told(Person person, string template) =>
        person.ProvenContact() is { } contact
            ?
            [
                Outbox.Row(
                    new MessageRequest(
                        contact.Channel,
                        contact.To,
                        template,
                        new Dictionary<string, string>(StringComparer.Ordinal) { ["at"] = Show(clock.GetUtcNow()) }
                    ).Event(secrets, person.Id)
                ),
            ]
            : [];

    /// <summary>When, by which device and from where a request came.</summary>
    internal Dictionary<string, string> Values(HttpContext http, params IEnumerable<(string Name, string Value)> more)
    {
        var address = http.Connection.RemoteIpAddress;
        var values = more.ToDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal);
        values["at"] = Show(clock.GetUtcNow());
        values["device"] = DeviceWords.Of(http.Request.Headers.UserAgent.ToString());
        values["address"] = (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString() ?? "unknown";
        return values;
    }

    /// <summary>
    /// The message about a sign-in from a device that is new to the person; none at their first sign-in. Ask before the device is remembered. A device
    /// that gives an id is known by it, another by its browser and its network.
    /// </summary>
    internal async Task<RowInsert[]> NewDeviceAsync(NpgsqlConnection connection, HttpContext http, Person person, byte[]? device, CancellationToken cancel)
    {
        if (person.LastSignedInAt is null)
        {
            return [];
        }

        var known = device is null
            ? (await AgentsAsync(connection, person.Id, http.Connection.RemoteIpAddress, cancel)).Exists(agent =>
                DeviceWords.Alike(agent, Sessions.AgentOf(http))
            )
            : await IsKnownAsync(connection, person.Id, device, cancel);
        return known ? [] : Rows(http, person, "new_device");
    }

    private static async Task<bool> IsKnownAsync(NpgsqlConnection connection, Guid person, byte[] device, CancellationToken cancel)
    {
        await using var find = new NpgsqlCommand("select exists (select from identity.known_devices where person_id = $1 and device_hash = $2)", connection);
        find.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        find.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = device });
        return (bool)(await find.ExecuteScalarAsync(cancel))!;
    }

    // What signed in from this network of late: 256 addresses of version 4, or the 48 bits that a site has in version 6.
    private static async Task<List<string>> AgentsAsync(NpgsqlConnection connection, Guid person, IPAddress? from, CancellationToken cancel)
    {
        await using var find = new NpgsqlCommand(
            """
            select distinct user_agent from (
                select address, user_agent from identity.sessions where person_id = $1 order by id desc limit 1000
            ) recent
            where user_agent is not null and family(address) = family($2)
                and network(set_masklen(address, $3)) = network(set_masklen($2, $3))
            """,
            connection
        );
        var bits =
            from?.AddressFamily is System.Net.Sockets.AddressFamily.InterNetwork ? 24
            : from is { IsIPv4MappedToIPv6: true } ? 120
            : 48;
        find.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        find.Parameters.Add(new NpgsqlParameter<IPAddress?> { TypedValue = from, NpgsqlDbType = NpgsqlDbType.Inet });
        find.Parameters.Add(new NpgsqlParameter<int> { TypedValue = bits });
        var agents = new List<string>();
        await using var reader = await find.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            agents.Add(reader.GetString(0));
        }

        return agents;
    }
}
