using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Webhooks;

/// <summary><c>GET /v1/webhook-deliveries?about=</c>: what was told to anybody's endpoints about one payment, for staff: the newest hundred, newest first.</summary>
internal static class ListDeliveriesAbout
{
    private const int Most = 100;

    /// <param name="Id"><c>msg_…</c></param>
    /// <param name="Topic">What happened.</param>
    /// <param name="State"><c>pending</c>, <c>delivered</c> or <c>dead</c>.</param>
    /// <param name="Attempts">Tries so far.</param>
    /// <param name="LastStatus">What the last try was answered with.</param>
    /// <param name="CreatedAt">When it was made ready to be sent.</param>
    public sealed record Response(string Id, string Topic, string State, int Attempts, int? LastStatus, DateTimeOffset CreatedAt);

    internal static void Map(RouteGroupBuilder v1) => v1.MapGet("/webhook-deliveries", HandleAsync).RequireAuthorization(Policies.Staff).WithTags("webhooks");

    private static async Task<Page<Response>> HandleAsync(string about, FlorinDb db, CancellationToken cancel)
    {
        var aggregate = Ids.TryRead("pay", about, out var id) ? id : throw PlatformRefusals.InvalidRequest.Field("about", "must be an id such as pay_…");
        var rows = await db
            .Deliveries.AsNoTracking()
            .Where(one => one.Aggregate == aggregate)
            .OrderByDescending(one => one.Id)
            .Take(Most)
            .Select(one => new
            {
                one.Id,
                one.Topic,
                one.State,
                one.Attempts,
                one.LastStatus,
                one.CreatedAt,
            })
            .ToListAsync(cancel);
        return new Page<Response>(
            rows.ConvertAll(one => new Response(Ids.Show(Delivery.Prefix, one.Id), one.Topic, one.State, one.Attempts, one.LastStatus, one.CreatedAt)),
            NextCursor: null
        );
    }
}
