using Florin.Identity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Compat.PaymentFiles;

/// <summary><c>GET /api/user/</c> and <c>GET /api/user/{id}/</c>: one's own record; staff see everybody's.</summary>
internal static class ShowUsers
{
    private sealed record User(string Id);

    internal static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/user", ListAsync).RequireAuthorization(Policies.Person);
        api.MapGet("/user/{id}", OneAsync).RequireAuthorization(Policies.Person);
    }

    /// <summary>Somebody whom the caller may see: themselves, or anybody where they are staff.</summary>
    /// <exception cref="Refusal"><c>not_found</c></exception>
    public static async Task<Person> FindAsync(long number, Caller caller, People people, CancellationToken cancel) =>
        await people.FindByNumberAsync(number, cancel) is { DeletedAt: null } person && (person.Id == caller.Person || caller.IsStaff)
            ? person
            : throw PlatformRefusals.NotFound.With();

    private static async Task<IResult> ListAsync(Caller caller, EdgeApi api, FlorinDb db, CancellationToken cancel)
    {
        List<Guid> ids = [caller.Person];
        if (caller.IsStaff)
        {
            ids = (await api.NewestAsync<User>("/v1/users")).ConvertAll(user => Ids.Read(Person.Prefix, user.Id));
        }

        var people = await db.People.AsNoTracking().Where(one => ids.Contains(one.Id)).OrderBy(one => one.Number).ToListAsync(cancel);
        return Results.Json(people.ConvertAll(FileUser.Of), Wire.Json);
    }

    private static async Task<IResult> OneAsync(string id, Caller caller, People people, CancellationToken cancel) =>
        Results.Json(FileUser.Of(await FindAsync(EdgeFormats.Id(id), caller, people, cancel)), Wire.Json);
}
