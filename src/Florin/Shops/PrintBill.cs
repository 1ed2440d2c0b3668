using System.Globalization;
using Florin.Platform;

namespace Florin.Shops;

/// <summary><c>GET /v1/bills/{id}/print</c>: the bill as a page to print, for those who may see it.</summary>
internal static class PrintBill
{
    public static void Map(RouteGroupBuilder routes) =>
        routes
            .MapGet("/{id}/print", HandleAsync)
            .RequireAuthorization(Policies.Scope("payments:read"))
            .Produces(StatusCodes.Status200OK, contentType: "text/html");

    private static async Task<IResult> HandleAsync(string id, Caller caller, Bills bills, Settings settings, CancellationToken cancel)
    {
        var bill = await bills.ShowAsync(id, caller, cancel);
        var facts = new List<(string Name, string Value)>
        {
            ("Bill", bill.Number.ToString(CultureInfo.InvariantCulture)),
            ("To", bill.CustomerName),
            ("Made", Day(bill.CreatedAt)),
        };
        if (bill.Reference is { } reference)
        {
            facts.Add(("Reference", reference));
        }

        if (bill.CompletedAt is { } paid)
        {
            facts.Add(("Paid", Day(paid)));
        }
        else if (bill.EndedAt is null)
        {
            facts.Add(("Can be paid until", Day(bill.ExpiresAt)));
        }

        if (bill.Refunded.Minor > 0)
        {
            facts.Add(("Refunded", bill.Refunded.ToString()));
        }

        var state = BillSheet.StateInWords(bill.State);
        return BillSheet.Page("Bill", bill.ShopName, bill.Amount.ToString(), state, bill.Note, facts, bill.ReceiptUrl ?? bill.PayUrl, settings.Sandbox);
    }

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
