using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>
/// Gives and takes roles that follow from what a person does, such as owning a shop. A session has the roles of its last refresh. Each statement locks
/// the person's row, so that what it follows from is best written after it, in the same transaction.
/// </summary>
public static class PersonRoles
{
    private const string Give =
        "update identity.people set roles = case when $2 = any(roles) then roles else array_append(roles, $2) end, updated_at = $3 "
        + "where id = $1 and deactivated_at is null and deleted_at is null";

    private const string Take = "update identity.people set roles = array_remove(roles, $2), updated_at = $3 where id = $1";

    /// <summary>Gives a role within a commit; it is refused with <c>not_found</c> where the account is closed.</summary>
    public static RowChange Grant(Guid person, string role, DateTimeOffset now) =>
        new(Give, Parameters(person, role, now), Rows: 1, PlatformRefusals.NotFound, "identity.people", person);

    /// <summary>Gives a role in the caller's transaction.</summary>
    /// <exception cref="Refusal"><c>not_found</c> where the account is closed</exception>
    public static async Task GrantAsync(NpgsqlConnection connection, Guid person, string role, DateTimeOffset now, CancellationToken cancel)
    {
        if (await RunAsync(connection, Give, Parameters(person, role, now), cancel) != 1)
        {
            throw PlatformRefusals.NotFound.With();
        }
    }

    /// <summary>Takes a role in the caller's transaction; where the person has it not, nothing happens.</summary>
    public static Task WithdrawAsync(NpgsqlConnection connection, Guid person, string role, DateTimeOffset now, CancellationToken cancel) =>
        RunAsync(connection, Take, Parameters(person, role, now), cancel);

    private static async Task<int> RunAsync(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancel)
    {
#pragma warning disable CA2100 // constants of this file
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlParameter[] Parameters(Guid person, string role, DateTimeOffset now) =>
        [
            new NpgsqlParameter<Guid> { TypedValue = person },
            new NpgsqlParameter<string> { TypedValue = role },
            new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
        ];
}
