using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Identity;

/// <summary>
/// Support corrects a person's name; an admin also sets roles, verification and whether the account is closed. New rights and a closed account
/// end the person's sessions. Nobody changes their own rights, and the last admin stays.
/// </summary>
internal static class ChangeUser
{
    public sealed record Request
    {
        /// <summary>At most 150 characters.</summary>
        public Optional<string> FirstName { get; init; }

        /// <summary>At most 150 characters.</summary>
        public Optional<string> LastName { get; init; }

        /// <summary>All the roles from now on; admin only.</summary>
        public Optional<string[]> Roles { get; init; }

        /// <summary>Whether the account is closed; admin only.</summary>
        public Optional<bool> Deactivated { get; init; }

        /// <summary>Whether it was checked who this is; admin only.</summary>
        public Optional<bool> IsVerified { get; init; }

        /// <summary>Why, at most 200 characters; kept with the change.</summary>
        [StringLength(StaffReason.Length)]
        public string? Reason { get; init; }
    }

    internal static void Map(RouteGroupBuilder users) => users.MapPatch("/{id}", HandleAsync).RequireAuthorization(Policies.Support);

    private static async Task<ShowUser.Response> HandleAsync(
        string id,
        Request request,
        Caller caller,
        HttpContext http,
        Database database,
        FlorinDb db,
        Sessions sessions,
        PersonFreeze money,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var person = Ids.Read(Person.Prefix, id);
        var roles = Allow(request, caller, person);
        var ended = await database.TransactionAsync(
            async connection =>
            {
                var before = await Admins.LockAsync(connection, person, cancel);
                var rights = request.Deactivated is { Given: true, Value: var closed } && closed == before.Active;
                rights |= roles is not null && !before.Roles.ToHashSet(StringComparer.Ordinal).SetEquals(roles);
                if (before.IsLastAdmin && (request.Deactivated.Value || roles?.Contains(Platform.Roles.Admin, StringComparer.Ordinal) == false))
                {
                    throw CredentialRefusals.LastAdmin.With();
                }

                await UpdateAsync(connection, person, request, roles, clock.GetUtcNow(), cancel);
                var details = new
                {
                    names = request.FirstName.Given || request.LastName.Given,
                    roles_before = roles is null ? null : before.Roles,
                    roles,
                    deactivated = request.Deactivated.Given ? request.Deactivated.Value : (bool?)null,
                    reason = request.Reason is { Length: > 0 } reason ? StaffReason.Read(reason) : null,
                    is_verified = request.IsVerified.Given ? request.IsVerified.Value : (bool?)null,
                };
                await connection.InsertAsync(cancel, ActivityLog.Row(activity.Entry(http, "identity.user_changed", person, details)));
                return rights ? await sessions.RevokeAllAsync(connection, person, null, "rights_changed", cancel) : [];
            },
            cancel
        );
        sessions.MakeKnown(ended);
        if (request.Deactivated.Given)
        {
            await money.SetAsync(person, request.Deactivated.Value, CancellationToken.None);
        }

        return await ShowUser.FindAsync(db, person, cancel);
    }

    private static string[]? Allow(Request request, Caller caller, Guid person)
    {
        if (!request.Roles.Given && !request.Deactivated.Given && !request.IsVerified.Given)
        {
            return null;
        }

        if (!caller.Is(Platform.Roles.Admin))
        {
            throw PlatformRefusals.Forbidden.With("Roles, verification and closing are for admins.");
        }

        if (caller.Person == person && (request.Roles.Given || request.Deactivated.Given))
        {
            throw CredentialRefusals.OwnRoles.With();
        }

        if (!request.Roles.Given)
        {
            return null;
        }

        return request.Roles.Value is { } roles && roles.All(role => Platform.Roles.All.Contains(role, StringComparer.Ordinal))
            ? [.. roles.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : throw PlatformRefusals.InvalidRequest.Field("roles", "must be some of " + string.Join(", ", Platform.Roles.All));
    }

    private static async Task UpdateAsync(
        NpgsqlConnection connection,
        Guid person,
        Request request,
        string[]? roles,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var update = new NpgsqlCommand(
            """
            update identity.people set first_name = coalesce($2, first_name), last_name = coalesce($3, last_name), roles = coalesce($4, roles),
                deactivated_at = case when $5 is null then deactivated_at when $5 then coalesce(deactivated_at, $7) end,
                is_verified = coalesce($6, is_verified), updated_at = $7
            where id = $1
            """,
            connection
        );
        update.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        Add(request.FirstName.Given ? Names.Read(request.FirstName, "", "first_name") : null, NpgsqlTypes.NpgsqlDbType.Text);
        Add(request.LastName.Given ? Names.Read(request.LastName, "", "last_name") : null, NpgsqlTypes.NpgsqlDbType.Text);
        Add(roles, NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text);
        Add(request.Deactivated.Given ? request.Deactivated.Value : null, NpgsqlTypes.NpgsqlDbType.Boolean);
        Add(request.IsVerified.Given ? request.IsVerified.Value : null, NpgsqlTypes.NpgsqlDbType.Boolean);
        Add(now.UtcDateTime, NpgsqlTypes.NpgsqlDbType.TimestampTz);
        await update.ExecuteNonQueryAsync(cancel);

        void Add(object? value, NpgsqlTypes.NpgsqlDbType type) => update.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
    }
}
