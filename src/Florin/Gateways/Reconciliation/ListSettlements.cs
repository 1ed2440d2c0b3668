using Florin.Money;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Gateways.Reconciliation;

/// <summary><c>GET /v1/reconciliation/settlements</c>, one of them, and its lines with what was found of each.</summary>
internal static class ListSettlements
{
    private const int LinesAtOnce = 500;

    /// <param name="Line">Of the file, whose heading is 1.</param>
    /// <param name="Reference">The gateway's own id.</param>
    /// <param name="Kind"><c>charge</c>, <c>refund</c> or <c>other</c>.</param>
    /// <param name="Type">As the gateway calls it.</param>
    /// <param name="Amount">What moved.</param>
    /// <param name="Fee">What the gateway keeps.</param>
    /// <param name="HappenedAt">When.</param>
    /// <param name="Attempt">What it is about, as 32 hex digits.</param>
    /// <param name="Refund">What it is about, as 32 hex digits.</param>
    /// <param name="Result"><c>matched</c>, <c>repeated</c>, <c>other</c>, or what differs.</param>
    public sealed record LineView(
        int Line,
        string Reference,
        string Kind,
        string Type,
        Amount Amount,
        Amount? Fee,
        DateTimeOffset HappenedAt,
        string? Attempt,
        string? Refund,
        string Result
    );

    /// <param name="Data">In the order of the file.</param>
    /// <param name="NextLine">Give it as <c>?after=</c> for more; null where there is none.</param>
    public sealed record Lines(IReadOnlyList<LineView> Data, int? NextLine);

    internal static void Map(RouteGroupBuilder reconciliation)
    {
        reconciliation.MapGet("/settlements", ListAsync);
        reconciliation.MapGet("/settlements/{id}", ShowAsync);
        reconciliation.MapGet("/settlements/{id}/lines", LinesAsync);
    }

    private static async Task<Page<SettlementView>> ListAsync(int? limit, string? cursor, FlorinDb db, CancellationToken cancel)
    {
        var page = PageRequest.Read(limit, cursor);
        var rows = await db
            .Settlements.AsNoTracking()
            .Where(one => page.Before == null || one.Id < page.Before)
            .OrderByDescending(one => one.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancel);
        return page.Of(rows, one => one.Id, SettlementView.Of);
    }

    private static async Task<SettlementView> ShowAsync(string id, FlorinDb db, CancellationToken cancel)
    {
        var key = Ids.Read(ImportedSettlement.Prefix, id);
        return SettlementView.Of(
            await db.Settlements.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key, cancel) ?? throw PlatformRefusals.NotFound.With()
        );
    }

    private static async Task<Lines> LinesAsync(string id, int? after, FlorinDb db, CancellationToken cancel)
    {
        var key = Ids.Read(ImportedSettlement.Prefix, id);
        if (!await db.Settlements.AnyAsync(one => one.Id == key, cancel))
        {
            throw PlatformRefusals.NotFound.With();
        }

        var from = after ?? 0;
        var rows = await db
            .SettlementLines.AsNoTracking()
            .Where(line => line.SettlementId == key && line.Line > from)
            .OrderBy(line => line.Line)
            .Take(LinesAtOnce + 1)
            .ToListAsync(cancel);
        return new Lines([.. rows.Take(LinesAtOnce).Select(View)], rows.Count > LinesAtOnce ? rows[LinesAtOnce - 1].Line : null);
    }

    private static LineView View(StoredLine line) =>
        new(
            line.Line,
            line.Reference,
            line.Kind,
            line.Type,
            line.Money,
            line.Fee is { } fee ? new Amount(fee, Currency.Of(line.FeeCurrency!)) : null,
            line.HappenedAt,
            line.Attempt?.ToString("N"),
            line.Refund?.ToString("N"),
            line.Result
        );
}
