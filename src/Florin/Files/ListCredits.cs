using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Files;

/// <summary><c>GET /v1/file-credits</c>: one's own credits of each file service.</summary>
internal static class ListCredits
{
    /// <param name="Service">Of which service.</param>
    /// <param name="Available">Free to be used.</param>
    /// <param name="Held">Used by files under way.</param>
    /// <param name="Spent">Used up.</param>
    /// <param name="Refunded">Paid back.</param>
    public sealed record Response(string Service, int Available, int Held, int Spent, int Refunded);

    public static void Map(RouteGroupBuilder v1) => v1.MapGet("/file-credits", HandleAsync).RequireAuthorization(Policies.Person).WithTags("files");

    private static async Task<Page<Response>> HandleAsync(Caller caller, FlorinDb db, FileWorks works, CancellationToken cancel)
    {
        var sums = await db
            .CreditLots.Where(lot => lot.PersonId == caller.Person)
            .GroupBy(lot => lot.Service)
            .Select(lots => new
            {
                Service = lots.Key,
                Available = lots.Sum(lot => lot.Available),
                Held = lots.Sum(lot => lot.Held),
                Spent = lots.Sum(lot => lot.Spent),
                Refunded = lots.Sum(lot => lot.Refunded),
            })
            .ToDictionaryAsync(sum => sum.Service, StringComparer.Ordinal, cancel);
        return new Page<Response>(
            [
                .. works.All.Select(work =>
                    sums.GetValueOrDefault(work.Name) is { } sum
                        ? new Response(work.Name, sum.Available, sum.Held, sum.Spent, sum.Refunded)
                        : new Response(work.Name, 0, 0, 0, 0)
                ),
            ],
            null
        );
    }
}

/// <summary><c>GET /v1/file-services</c>: what is done with files here, and what it costs; for anybody.</summary>
internal static class ListFilePrices
{
    /// <param name="Service">Its name on the wire.</param>
    /// <param name="Title">Its name for people.</param>
    /// <param name="Takes">What it takes.</param>
    /// <param name="Prices">Of one credit, which pays for one file, in each currency that it is sold in.</param>
    /// <param name="MaxBytes">How large a file may be.</param>
    public sealed record Response(string Service, string Title, string Takes, IReadOnlyList<Amount> Prices, long MaxBytes);

    public static void Map(RouteGroupBuilder v1) => v1.MapGet("/file-services", Handle).AllowAnonymous().WithTags("files");

    private static Page<Response> Handle(FileWorks works, FileSettings settings) =>
        new([.. works.All.Select(work => new Response(work.Name, work.Title, work.Takes, works.PricesOf(work), settings.MostBytes))], null);
}
