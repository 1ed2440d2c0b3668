using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>There is always somebody who can make another admin.</summary>
internal static class Admins
{
    /// <summary>What decides about a change of a person, read under the lock.</summary>
    /// <param name="Roles">As they are.</param>
    /// <param name="Active">Neither deactivated nor deleted.</param>
    /// <param name="Picture">The picture's file, if any.</param>
    /// <param name="IsLastAdmin">Whether nobody else could make another admin.</param>
    public sealed record Locked(string[] Roles, bool Active, string? Picture, bool IsLastAdmin);

    /// <summary>Locks the person and all active admins in id order, so that two admins cannot take away each other.</summary>
    /// <exception cref="Refusal"><c>not_found</c> where there is no such person, or not any more</exception>
    public static async Task<Locked> LockAsync(NpgsqlConnection connection, Guid person, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            select id, roles, deactivated_at is null, picture from identity.people
            where deleted_at is null and (id = $1 or ('admin' = any(roles) and deactivated_at is null)) order by id for no key update
            """,
            connection
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        Locked? found = null;
        var others = 0;
        while (await reader.ReadAsync(cancel))
        {
            var roles = reader.GetFieldValue<string[]>(1);
            if (reader.GetGuid(0) == person)
            {
                found = new Locked(roles, reader.GetBoolean(2), await reader.IsDBNullAsync(3, cancel) ? null : reader.GetString(3), IsLastAdmin: false);
            }
            else
            {
                others++;
            }
        }

        return found is null
            ? throw PlatformRefusals.NotFound.With()
            : found with
            {
                IsLastAdmin = others == 0 && found.Active && found.Roles.Contains(Roles.Admin, StringComparer.Ordinal),
            };
    }
}
