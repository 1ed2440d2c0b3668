using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Gateways.Reconciliation;

/// <summary>What somebody must look at.</summary>
/// <param name="Id"><c>exc_…</c></param>
/// <param name="Settlement">The file that it was found with.</param>
/// <param name="Line">Its line; null where the file lacks what we have.</param>
/// <param name="Gateway">Whose.</param>
/// <param name="Kind">What differs; <c>missing</c> where the file lacks it.</param>
/// <param name="Attempt">What it is about, as 32 hex digits.</param>
/// <param name="Refund">What it is about, as 32 hex digits.</param>
/// <param name="Reference">The gateway's own id.</param>
/// <param name="Expected">As we have it.</param>
/// <param name="Found">As the gateway has it.</param>
/// <param name="State"><c>open</c> or <c>resolved</c>.</param>
/// <param name="Reason">What was found out.</param>
/// <param name="ResolvedBy"><c>usr_…</c>; null where a later file had it.</param>
/// <param name="ResolvedAt">When.</param>
/// <param name="CreatedAt">When it was found.</param>
public sealed record ExceptionView(
    string Id,
    string Settlement,
    int? Line,
    string Gateway,
    string Kind,
    string? Attempt,
    string? Refund,
    string? Reference,
    Amount? Expected,
    Amount? Found,
    string State,
    string? Reason,
    string? ResolvedBy,
    DateTimeOffset? ResolvedAt,
    DateTimeOffset CreatedAt
)
{
    internal static ExceptionView Of(SettlementException row) =>
        new(
            Ids.Show(SettlementException.Prefix, row.Id),
            Ids.Show(ImportedSettlement.Prefix, row.SettlementId),
            row.Line,
            row.Gateway,
            row.Kind,
            row.Attempt?.ToString("N"),
            row.Refund?.ToString("N"),
            row.Reference,
            row.Expected is { } expected ? new Amount(expected, Currency.Of(row.ExpectedCurrency!)) : null,
            row.Found is { } found ? new Amount(found, Currency.Of(row.FoundCurrency!)) : null,
            row.State,
            row.Reason,
            row.ResolvedBy is { } by ? Ids.Show("usr", by) : null,
            row.ResolvedAt,
            row.CreatedAt
        );
}

/// <summary><c>GET /v1/reconciliation/exceptions</c>: what differs between gateways and our books, newest first; of one state or file where asked.</summary>
internal static class ListExceptions
{
    internal static void Map(RouteGroupBuilder reconciliation) => reconciliation.MapGet("/exceptions", HandleAsync);

    private static async Task<Page<ExceptionView>> HandleAsync(
        string? state,
        string? settlement,
        int? limit,
        string? cursor,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var page = PageRequest.Read(limit, cursor);
        if (state is not (null or SettlementException.Open or SettlementException.Resolved))
        {
            throw PlatformRefusals.InvalidRequest.Field("state", "must be open or resolved");
        }

        Guid? file = settlement is null ? null : Ids.Read(ImportedSettlement.Prefix, settlement);
        var rows = await db
            .SettlementExceptions.AsNoTracking()
            .Where(one => state == null || one.State == state)
            .Where(one => file == null || one.SettlementId == file)
            .Where(one => page.Before == null || one.Id < page.Before)
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, ExceptionView.Of);
    }
}
