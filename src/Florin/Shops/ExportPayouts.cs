using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// <c>POST /v1/payouts/exports</c> puts every approved payout that is in no file yet into one for the bank, so that none is paid twice;
/// <c>GET /v1/payouts.csv?export=pox_…</c> gives the file, with the numbers of the accounts, oldest payout first, as often as it is needed. Both are noted.
/// </summary>
internal static class ExportPayouts
{
    private const int MostInOne = 10_000;
    private const int MostTurns = 5;

    private static readonly string[] Heading = ["payout", "shop", "holder", "iban", "account", "bank_code", "amount", "currency", "approved_at", "state"];

    /// <param name="Password">Needed where the sign-in is older than ten minutes.</param>
    public sealed record Request([property: Secret] [property: StringLength(1024)] string? Password = null);

    /// <param name="Id"><c>pox_…</c></param>
    /// <param name="Payouts">How many are in it, 1 to 10,000.</param>
    /// <param name="ExportedAt">Now.</param>
    public sealed record Response(string Id, int Payouts, DateTimeOffset ExportedAt);

    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapPost("/payouts/exports", MakeAsync).RequireAuthorization(Policies.Finance).LimitRate(RateLimit.Money).WithTags("payouts").Produces<Response>(201);
        v1.MapGet("/payouts.csv", FileAsync).RequireAuthorization(Policies.Finance).WithTags("payouts").Produces<string>(200, "text/csv");
    }

    private static async Task<IResult> MakeAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        Proofs proofs,
        FlorinDb db,
        People people,
        GeneralLedger ledger,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        if (await idempotency.FindAsync(key, cancel) is { } kept)
        {
            return kept; // what it found is in a file by now
        }

        await proofs.RequireFreshOrPasswordAsync(http, caller, request.Password, cancel);
        for (var turn = 1; ; turn++)
        {
            var payouts = await DueAsync(db, people, cancel);
            if (payouts.Length == 0)
            {
                throw ShopsRefusals.NothingToExport.With();
            }

            var export = Ids.New();
            var made = new Response(Ids.Show(Payout.ExportPrefix, export), payouts.Length, clock.GetUtcNow());
            var commit = new LedgerCommit
            {
                Key = key,
                Rows = { Take(export, payouts, made.ExportedAt) },
                Inserts = { ActivityLog.Row(activity.Entry(http, "shops.payouts_exported", details: new { export = made.Id, made.Payouts })) },
                Complete = _ => Answer.Json(201, made),
            };
            try
            {
                return (await ledger.CommitAsync(commit)).Required;
            }
            catch (Refusal refusal) when (refusal.Reason == ShopsRefusals.PayoutState && turn < MostTurns)
            {
                // One of them was exported, paid or failed meanwhile.
            }
        }
    }

    // Those of people who were frozen since wait.
    private static async Task<Guid[]> DueAsync(FlorinDb db, People people, CancellationToken cancel)
    {
        var due = await db
            .Payouts.Where(one => one.State == PayoutStates.Approved && one.ExportId == null)
            .OrderBy(one => one.Id)
            .Join(db.Shops, payout => payout.ShopId, shop => shop.Id, (payout, shop) => new { payout.Id, shop.Owner })
            .OrderBy(one => one.Id)
            .Take(MostInOne)
            .ToListAsync(cancel);
        var frozen = await people.FrozenAsync([.. due.Select(one => one.Owner).Distinct()], cancel);
        return [.. due.Where(one => !frozen.Contains(one.Owner)).Select(one => one.Id)];
    }

    private static async Task<IResult> FileAsync(string export, HttpContext http, FlorinDb db, Secrets secrets, ActivityLog activity, CancellationToken cancel)
    {
        var id = Ids.Read(Payout.ExportPrefix, export);
        if (!await db.Payouts.AnyAsync(one => one.ExportId == id, cancel))
        {
            throw PlatformRefusals.NotFound.With();
        }

        db.Add(activity.Entry(http, "shops.payouts_downloaded", details: new { export }));
        await db.SaveChangesAsync(cancel);
        return Csv.Table($"florin-payouts-{export}.csv", Heading, RowsAsync(id, db, secrets, cancel), cancel);
    }

    // All of them or none: nobody else's file takes one of them meanwhile.
    private static RowChange Take(Guid export, Guid[] payouts, DateTimeOffset now) =>
        new(
            "update shops.payouts set exported_at = $1, export_id = $2 where id = any($3) and state = 'approved' and export_id is null",
            [
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
                new NpgsqlParameter<Guid> { TypedValue = export },
                new NpgsqlParameter<Guid[]> { TypedValue = payouts },
            ],
            Rows: payouts.Length,
            ShopsRefusals.PayoutState,
            "shops.payouts",
            export
        );

    private static async IAsyncEnumerable<object?[]> RowsAsync(Guid export, FlorinDb db, Secrets secrets, [EnumeratorCancellation] CancellationToken cancel)
    {
        var rows =
            from payout in db.Payouts.AsNoTracking()
            where payout.ExportId == export
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
