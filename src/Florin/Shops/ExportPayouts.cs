using System.Runtime.CompilerServices;
using Florin.Activity;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Shops;

/// <summary>
/// <c>GET /v1/payouts.csv</c>: what the bank is to pay, with the numbers of the accounts, oldest first; approved payouts where no other <c>state</c> is
/// given. That somebody took it is noted.
/// </summary>
internal static class ExportPayouts
{
    private static readonly string[] Heading = ["payout", "shop", "holder", "iban", "account", "bank_code", "amount", "currency", "approved_at", "state"];

    public static void Map(RouteGroupBuilder v1) =>
        v1.MapGet("/payouts.csv", HandleAsync).RequireAuthorization(Policies.Finance).WithTags("payouts").Produces<string>(200, "text/csv");

    private static async Task<IResult> HandleAsync(
        string? state,
        HttpContext http,
        FlorinDb db,
        Secrets secrets,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        ListPayouts.CheckState(state);
        var wanted = state ?? PayoutStates.Approved;
        db.Add(activity.Entry(http, "shops.payouts_exported", details: new { state = wanted }));
        await db.SaveChangesAsync(cancel);
        return Csv.Table($"florin-payouts-{wanted}.csv", Heading, RowsAsync(wanted, db, secrets, cancel), cancel);
    }

    private static async IAsyncEnumerable<object?[]> RowsAsync(string state, FlorinDb db, Secrets secrets, [EnumeratorCancellation] CancellationToken cancel)
    {
        var rows =
            from payout in db.Payouts.AsNoTracking()
            where payout.State == state
            join shop in db.Shops.AsNoTracking() on payout.ShopId equals shop.Id
            join account in db.BankAccounts.AsNoTracking() on payout.BankAccountId equals account.Id
            orderby payout.Id
            select new
            {
                Payout = payout,
                Shop = shop.Name,
                Account = account,
            };
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancel))
        {
            var numbers = row.Account.Open(secrets);
            yield return
            [
                row.Payout.PublicId,
                row.Shop,
                numbers?.Holder,
                numbers?.Iban,
                numbers?.Account,
                numbers?.BankCode,
                row.Payout.Money,
                row.Payout.Currency,
                row.Payout.ApprovedAt,
                row.Payout.State,
            ];
        }
    }
}
