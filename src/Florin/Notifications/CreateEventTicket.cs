using Florin.Platform;

namespace Florin.Notifications;

/// <summary>Gives a signed-in person a ticket for one stream of live events, for browsers, which can send no header there.</summary>
internal static class CreateEventTicket
{
    /// <summary>The ticket.</summary>
    /// <param name="Ticket">To be sent as <c>?ticket=</c>, once.</param>
    /// <param name="ExpiresAt">30 seconds from now.</param>
    public sealed record Response(string Ticket, DateTimeOffset ExpiresAt);

    internal static void Map(RouteGroupBuilder events) =>
        events
            .MapPost("/tickets", HandleAsync)
            .RequireAuthorization(Policies.Person)
            .LimitRate(RateLimit.Default)
            .Produces<Response>(StatusCodes.Status201Created);

    private static async Task<IResult> HandleAsync(HttpContext http, EventTickets tickets, Caller caller, CancellationToken cancel)
    {
        var (ticket, expiresAt) = await tickets.IssueAsync(StreamEvents.ListenerOf(caller), cancel);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(new Response(ticket, expiresAt), Wire.Json, statusCode: StatusCodes.Status201Created);
    }
}
