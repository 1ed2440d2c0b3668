using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Vouchers;

/// <summary>
/// Who may redeem other people's vouchers of a service: <c>POST /v1/voucher-verifiers</c> and
/// <c>DELETE /v1/voucher-verifiers/{service_type}/{person}</c> for admins, <c>GET /v1/voucher-verifiers</c> for staff, <c>GET /v1/me/voucher-services</c>
/// for oneself.
/// </summary>
internal static class GrantVerifier
{
    /// <param name="Login">The person's username, e-mail address or phone number.</param>
    /// <param name="ServiceType">Which service; it holds for every type of it, also later ones.</param>
    public sealed record Request([property: StringLength(254, MinimumLength = 1)] string Login, [property: StringLength(50)] string ServiceType);

    /// <param name="ServiceType">Which service.</param>
    /// <param name="Person"><c>usr_…</c></param>
    /// <param name="Name">As others see them.</param>
    /// <param name="GrantedBy">Which admin said so, <c>usr_…</c>.</param>
    /// <param name="GrantedAt">When.</param>
    public sealed record Response(string ServiceType, string Person, string Name, string GrantedBy, DateTimeOffset GrantedAt);

    public static void Map(RouteGroupBuilder v1, RouteGroupBuilder verifiers)
    {
        verifiers.MapPost("", GrantAsync).RequireAuthorization(Policies.Admin).Produces<Response>(201);
        verifiers.MapGet("", ListAsync).RequireAuthorization(Policies.Staff);
        verifiers.MapDelete("/{serviceType}/{person}", RevokeAsync).RequireAuthorization(Policies.Admin).Produces(204);
        v1.MapGet("/me/voucher-services", MineAsync).RequireAuthorization(VouchersModule.Read).WithTags("me");
    }

    private static async Task<IResult> GrantAsync(
        Request request,
        Caller caller,
        HttpContext http,
        People people,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var service = VoucherType.CleanCode("service_type", request.ServiceType);
        var person = await people.FindByLoginAsync(request.Login, LoginKinds.Any, cancel) is { Active: true } found
            ? found
            : throw VouchersRefusals.VerifierUnknown.With();
        var now = clock.GetUtcNow();
        var entry = activity.Entry(http, "vouchers.verifier_granted", person.Id, new { service_type = service });
        await database.TransactionAsync(
            async connection =>
            {
                await using var grant = new NpgsqlCommand(
                    "insert into vouchers.verifiers (service_type, person_id, granted_by, granted_at) values ($1, $2, $3, $4) on conflict do nothing",
                    connection
                );
                grant.Parameters.Add(new NpgsqlParameter<string> { TypedValue = service });
                grant.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person.Id });
                grant.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Person });
                grant.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
                if (await grant.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw VouchersRefusals.VerifierExists.With();
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
        return Results.Json(new Response(service, person.PublicId, person.DisplayName, Ids.Show("usr", caller.Person), now), Wire.Json, statusCode: 201);
    }

    private static async Task<Page<Response>> ListAsync(
        [Microsoft.AspNetCore.Mvc.FromQuery(Name = "service_type")] string? serviceType,
        FlorinDb db,
        People people,
        CancellationToken cancel
    )
    {
        var service = serviceType is null ? null : VoucherType.CleanCode("service_type", serviceType);
        var rows = await db
            .VoucherVerifiers.AsNoTracking()
            .Where(one => service == null || one.ServiceType == service)
            .OrderBy(one => one.ServiceType)
            .ThenBy(one => one.GrantedAt)
            .ToListAsync(cancel);
        var names = await people.DisplayNamesAsync([.. rows.Select(one => one.PersonId)], cancel);
        return new Page<Response>(
            [
                .. rows.Select(one => new Response(
                    one.ServiceType,
                    Ids.Show("usr", one.PersonId),
                    names.GetValueOrDefault(one.PersonId, ""),
                    Ids.Show("usr", one.GrantedBy),
                    one.GrantedAt
                )),
            ],
            null
        );
    }

    private static async Task<IResult> RevokeAsync(
        string serviceType,
        string person,
        HttpContext http,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var who = Ids.Read(Person.Prefix, person);
        if (serviceType.Contains('\0', StringComparison.Ordinal))
        {
            throw PlatformRefusals.NotFound.With();
        }

        var entry = activity.Entry(http, "vouchers.verifier_revoked", who, new { service_type = serviceType });
        await database.TransactionAsync(
            async connection =>
            {
                await using var revoke = new NpgsqlCommand("delete from vouchers.verifiers where service_type = $1 and person_id = $2", connection);
                revoke.Parameters.Add(new NpgsqlParameter<string> { TypedValue = serviceType });
                revoke.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = who });
                if (await revoke.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw PlatformRefusals.NotFound.With();
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
        return Results.NoContent();
    }

    private static async Task<Page<string>> MineAsync(Caller caller, FlorinDb db, CancellationToken cancel) =>
        new(
            await db
                .VoucherVerifiers.Where(one => one.PersonId == caller.Person)
                .OrderBy(one => one.ServiceType)
                .Select(one => one.ServiceType)
                .ToListAsync(cancel),
            null
        );
}
