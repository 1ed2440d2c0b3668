using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;
using Florin.Wallets;
using Npgsql;
using NpgsqlTypes;

namespace Florin.Vouchers;

/// <summary>
/// <c>POST /v1/vouchers/{code or id}/gift</c>: its owner gives a voucher away. It gets a new code, so that whoever had it no longer knows the one that
/// counts.
/// </summary>
internal static class GiveVoucher
{
    private const string Give = """
        update vouchers.vouchers v set owner = $2, reminded_at = null, code = (
            select c.code from unnest($5) with ordinality c(code, nth)
            where not exists (select from vouchers.vouchers other where other.code = c.code) order by c.nth limit 1)
        where v.id = $1 and v.owner = $3 and v.code = $4 and v.state = 'active' and v.expires_at > $6
        """;

    /// <param name="To">The number of a wallet of the receiver's; <c>POST /v1/recipients</c> finds it.</param>
    public sealed record Request([property: StringLength(10, MinimumLength = 10)] string To);

    /// <param name="Voucher"><c>vch_…</c></param>
    /// <param name="Name">What was given.</param>
    /// <param name="To">To which wallet's owner.</param>
    public sealed record Response(string Voucher, string Name, string To);

    public static void Map(RouteGroupBuilder vouchers) =>
        vouchers.MapPost("/{code}/gift", HandleAsync).RequireAuthorization(VouchersModule.Write).LimitRate(RateLimit.Guessing).Produces<Response>();

    private static async Task<IResult> HandleAsync(
        string code,
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        VoucherDesk desk,
        WalletFacts wallets,
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
            return kept; // by now it is no longer theirs
        }

        var voucher = await desk.OwnAsync(caller.Person, code, cancel);
        var now = clock.GetUtcNow();
        voucher.DemandActive(now);
        // The number is remembered also where its account has ended; a voucher given there would be nobody's.
        var wallet =
            request.To.All(char.IsAsciiDigit)
            && await wallets.ByNumberAsync(request.To, cancel) is { } found
            && found.Person != caller.Person
            && await people.FindAsync(found.Person, cancel) is { Active: true }
                ? found
                : throw VouchersRefusals.NobodyToGive.With();
        var giver = (await people.FindAsync(caller.Person, cancel))!.DisplayName;
        var answer = Answer.Json(200, new Response(voucher.PublicId, voucher.Name, request.To));
        var commit = new LedgerCommit
        {
            Key = key,
            Rows = { Change(voucher, caller.Person, wallet.Person, now) },
            Inserts =
            {
                VoucherHistory.Row(voucher.Id, VoucherHistory.Given, now, voucher.UsesLeft),
                VoucherEvents.Row(VoucherEvents.Given, voucher, VoucherStates.Active, voucher.UsesLeft, wallet.Person, giver),
                ActivityLog.Row(activity.Entry(http, "vouchers.given", details: new { voucher = voucher.PublicId, to = Ids.Show("usr", wallet.Person) })),
            },
            Complete = _ => answer,
        };
        return (await ledger.CommitAsync(commit)).Required;
    }

    private static RowChange Change(Voucher voucher, Guid from, Guid to, DateTimeOffset now) =>
        new(
            Give,
            [
                new NpgsqlParameter<Guid> { TypedValue = voucher.Id },
                new NpgsqlParameter<Guid> { TypedValue = to },
                new NpgsqlParameter<Guid> { TypedValue = from },
                new NpgsqlParameter<string> { TypedValue = voucher.Code },
                new NpgsqlParameter<string[]> { TypedValue = VoucherCode.Draw(1), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
            ],
            1,
            VouchersRefusals.Changed,
            "vouchers.vouchers",
            voucher.Id
        );
}
