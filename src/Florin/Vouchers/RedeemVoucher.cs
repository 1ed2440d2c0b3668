using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Vouchers;

/// <summary>
/// <c>POST /v1/vouchers/redemptions</c>: uses a voucher once: its owner, or somebody who verifies its service. What the use earns leaves the liability in
/// the same commit. Calls are counted, so that nobody guesses codes.
/// </summary>
internal static class RedeemVoucher
{
    private const int MostTurns = 100; // uses of one voucher at one moment
    private const int LongestData = 4_000;

    // The last use earns another sum than the others, and each is told how many are left: the commit says which use it means.
    private const string Use = """
        update vouchers.vouchers set uses_left = uses_left - 1, last_used_at = $2, state = case when uses_left = 1 then 'used' else 'active' end,
            ended_at = case when uses_left = 1 then $2 end
        where id = $1 and code = $3 and state = 'active' and uses_left = $4 and expires_at > $2
        """;

    /// <param name="Code">As it stands on the voucher; blanks, dashes and small letters do not matter.</param>
    /// <param name="ServiceType">Which service is paid for; where given it must be the voucher's.</param>
    /// <param name="ServiceData">What is to be kept with it: a JSON object of up to 4,000 characters.</param>
    public sealed record Request(
        [property: StringLength(50, MinimumLength = 1)] string Code,
        [property: StringLength(50)] string? ServiceType = null,
        JsonElement? ServiceData = null
    );

    public static void Map(RouteGroupBuilder vouchers) =>
        vouchers
            .MapPost("/redemptions", HandleAsync)
            .RequireAuthorization(VouchersModule.Write)
            .LimitRate(RateLimit.Guessing)
            .Produces<VoucherRedemptionView>(201);

    private static async Task<IResult> HandleAsync(
        Request request,
        Caller caller,
        HttpContext http,
        Idempotency idempotency,
        VoucherDesk desk,
        HouseAccounts house,
        GeneralLedger ledger,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var key = idempotency.Require(http, caller.Person, request);
        var data = DataOf(request.ServiceData);
        for (var turn = 1; ; turn++)
        {
            if (await idempotency.FindAsync(key, cancel) is { } kept)
            {
                return kept; // by now the voucher may be used up by this very call
            }

            try
            {
                var now = clock.GetUtcNow();
                var voucher = await desk.RedeemableAsync(caller.Person, request.Code, cancel);
                Demand(voucher, request, now);
                var entry = activity.Entry(http, "vouchers.redeemed", voucher.Owner, new { voucher = voucher.PublicId, voucher.ServiceType });
                var commit = Draw(voucher, caller.Person, data, now, key, entry);
                await AddEarnedAsync(commit, voucher, house, cancel);
                return (await ledger.CommitAsync(commit)).Required;
            }
            catch (Refusal refusal) when (VoucherDesk.IsChange(refusal))
            {
                if (turn == MostTurns)
                {
                    throw VouchersRefusals.Changed.With();
                }

                // Another use came between: what it says now decides.
            }
            catch (Refusal refusal) when (refusal.Reason == VouchersRefusals.Used && turn < MostTurns)
            {
                // Where it was this same call, a moment earlier, its answer is there now.
                if (await idempotency.FindAsync(key, cancel) is { } late)
                {
                    return late;
                }

                throw;
            }
        }
    }

    private static LedgerCommit Draw(Voucher voucher, Guid by, string data, DateTimeOffset now, IdempotencyKey key, ActivityEntry entry)
    {
        var left = voucher.UsesLeft - 1;
        var state = left == 0 ? VoucherStates.Used : VoucherStates.Active;
        var redemption = new VoucherRedemption
        {
            Id = Ids.New(),
            VoucherId = voucher.Id,
            Owner = voucher.Owner,
            RedeemedBy = by,
            ServiceType = voucher.ServiceType,
            ServiceData = data,
            Amount = voucher.Earns,
            RedeemedAt = now,
        };
        NpgsqlParameter[] values =
        [
            new NpgsqlParameter<Guid> { TypedValue = voucher.Id },
            new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
            new NpgsqlParameter<string> { TypedValue = voucher.Code },
            new NpgsqlParameter<int> { TypedValue = voucher.UsesLeft },
        ];
        return new LedgerCommit
        {
            Key = key,
            Rows = { new RowChange(Use, values, 1, VouchersRefusals.Changed, "vouchers.vouchers", voucher.Id) },
            Inserts =
            {
                VoucherRedemption.Shape.Row(redemption),
                VoucherHistory.Row(voucher.Id, VoucherHistory.Redeemed, now, left),
                VoucherEvents.Row(VoucherEvents.Redeemed, voucher, state, left),
                ActivityLog.Row(entry),
            },
            Complete = _ => Answer.Json(201, VoucherRedemptionView.Of(redemption, voucher, state, left)),
        };
    }

    private static async Task AddEarnedAsync(LedgerCommit commit, Voucher voucher, HouseAccounts house, CancellationToken cancel)
    {
        if (voucher.Earns == 0)
        {
            return; // so cheap that only the last use earns anything
        }

        var currency = Currency.Of(voucher.Currency);
        var liability = await house.IdAsync(HouseAccount.VoucherLiability, currency, cancel);
        var revenue = await house.IdAsync(HouseAccount.VoucherRevenue, currency, cancel);
        commit.Postings.Add(new PostingDraft("voucher_redeemed", new Move(liability, revenue, voucher.Earns)) { Reference = voucher.PublicId });
    }

    private static void Demand(Voucher voucher, Request request, DateTimeOffset now)
    {
        voucher.DemandActive(now);
        if (request.ServiceType is { } wanted && !string.Equals(wanted, voucher.ServiceType, StringComparison.Ordinal))
        {
            throw VouchersRefusals.OtherService.With($"It is for {voucher.ServiceType}.");
        }
    }

    private static string DataOf(JsonElement? given)
    {
        if (given is not { } data || data.ValueKind == JsonValueKind.Null)
        {
            return "{}";
        }

        var text = data.GetRawText();
        return data.ValueKind == JsonValueKind.Object && text.Length <= LongestData && CanBeKept(data)
            ? text
            : throw PlatformRefusals.InvalidRequest.Field(
                "service_data",
                $"must be an object of up to {LongestData} characters, with ordinary texts and numbers"
            );
    }

    // What PostgreSQL's jsonb takes: no NUL and no half characters in texts, and no numbers of endless length.
    private static bool CanBeKept(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.Object => json.EnumerateObject().All(member => !member.Name.Contains('\0', StringComparison.Ordinal) && CanBeKept(member.Value)),
                JsonValueKind.Array => json.EnumerateArray().All(CanBeKept),
                JsonValueKind.String => !json.GetString()!.Contains('\0', StringComparison.Ordinal),
                JsonValueKind.Number => json.TryGetDecimal(out _),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false; // half a surrogate pair
        }
    }
}
