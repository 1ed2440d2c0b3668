using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;

namespace Florin.Wallets;

/// <summary>
/// A wallet's statement: opening balance, every entry booked in the period, closing balance, as JSON, CSV or camt.053, written while it is read.
/// <c>from</c> and <c>to</c> are days (UTC, both included) or moments (the second not included); from the beginning of the month until now where
/// not given. The format is <c>json</c>, <c>csv</c> or <c>camt053</c>, by <c>?format=</c> or by the <c>Accept</c> header.
/// </summary>
internal static class ShowStatement
{
    private const string Csv = "csv";
    private const string Camt053 = "camt053";

    public static void Map(RouteGroupBuilder routes) => routes.MapGet("/{id}/statement", HandleAsync).RequireAuthorization(WalletsModule.Read);

    private static async Task<IResult> HandleAsync(
        string id,
        string? from,
        string? to,
        string? format,
        Caller caller,
        HttpContext http,
        WalletFacts facts,
        LedgerReads reads,
        People people,
        WalletNames names,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var wallet = await facts.OwnAsync(caller.Person, id, cancel);
        var chosen = FormatOf(format, http.Request);
        var now = clock.GetUtcNow();
        var end = to is null ? now : Instants.ReadDayOrTime(to, "to", end: true);
        end = end < now ? end : now;
        var start = from is null
            ? new DateTimeOffset(end.UtcDateTime.Year, end.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero)
            : Instants.ReadDayOrTime(from, "from", end: false);
        if (start > end)
        {
            throw PlatformRefusals.InvalidRequest.Field("from", "must not be later than to, or than now");
        }

        var range = await reads.RangeAsync(wallet.Account, start, end, cancel);
        var owner = await people.FindAsync(wallet.Person, cancel);
        var statement = new Statement(wallet.Number, owner?.DisplayName ?? "", wallet.Currency, start, end, range.Opening, range.Closing, now);
        var file = $"florin-{wallet.Number}-{start.UtcDateTime:yyyyMMdd}-{end.UtcDateTime:yyyyMMdd}";
        http.Response.Headers.Vary = "Accept";
        return chosen switch
        {
            Csv => Results.Stream(
                stream => StatementCsv.WriteAsync(statement, reads.StatementAsync(range, cancel), stream, cancel),
                Platform.Csv.ContentType,
                file + ".csv"
            ),
            Camt053 => Results.Stream(
                stream => StatementCamt053.WriteAsync(statement, reads.StatementAsync(range, cancel), stream, cancel),
                StatementCamt053.ContentType,
                file + ".xml"
            ),
            _ => Results.Stream(
                stream => StatementJson.WriteAsync(statement, wallet, reads.StatementAsync(range, cancel), names, stream, cancel),
                "application/json; charset=utf-8"
            ),
        };
    }

    private static string FormatOf(string? format, HttpRequest request)
    {
        if (format is not null)
        {
            return format is "json" or Csv or Camt053 ? format : throw PlatformRefusals.InvalidRequest.Field("format", "must be json, csv or camt053");
        }

        foreach (var accepted in request.GetTypedHeaders().Accept.OrderByDescending(type => type.Quality ?? 1))
        {
            switch (accepted.MediaType.Value?.ToLowerInvariant())
            {
                case "text/csv":
                    return Csv;
                case "application/xml" or "text/xml":
                    return Camt053;
                case "application/json":
                    return "json";
                default:
                    break;
            }
        }

        return "json";
    }
}
