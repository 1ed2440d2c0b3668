using System.Collections.Concurrent;
using Florin.Money;
using Florin.Platform;

namespace Florin.Ledger;

/// <summary>What a house account is for. Gateways have one of their own each: <see cref="HouseAccounts.GatewayAsync"/>.</summary>
public enum HouseAccount
{
    /// <summary>Cash taken at tills.</summary>
    Cash,

    /// <summary>Monthly and sales fees earned.</summary>
    FeeRevenue,

    /// <summary>Vouchers sold and not used.</summary>
    VoucherLiability,

    /// <summary>Earned by vouchers: used, or expired unused.</summary>
    VoucherRevenue,

    /// <summary>File credits sold and not used.</summary>
    FileCreditLiability,

    /// <summary>The other side of conversions.</summary>
    FxPosition,

    /// <summary>Earned on conversions.</summary>
    FxSpread,

    /// <summary>Remainders of roundings.</summary>
    Rounding,

    /// <summary>Balances that were imported.</summary>
    Opening,

    /// <summary>Withdrawals on their way.</summary>
    PayoutClearing,

    /// <summary>Money that arrived for something that can no longer take it.</summary>
    Suspense,

    /// <summary>Earned by work on files.</summary>
    FileRevenue,

    /// <summary>Refunds on their way through a gateway.</summary>
    RefundClearing,
}

/// <summary>The house's accounts, one per purpose and currency, opened when first asked for. Ids never change and are kept in memory.</summary>
public sealed class HouseAccounts(Database database, TimeProvider clock)
{
    // The other side of the world: these may be negative.
    private static readonly HashSet<HouseAccount> WithoutFloor = [HouseAccount.Cash, HouseAccount.FxPosition, HouseAccount.Opening];

    private readonly ConcurrentDictionary<string, long> known = new(StringComparer.Ordinal);

    /// <summary>The account of one purpose and currency.</summary>
    public ValueTask<long> IdAsync(HouseAccount purpose, Currency currency, CancellationToken cancel) =>
        FindAsync(NameOf(purpose), currency, WithoutFloor.Contains(purpose), cancel);

    /// <summary>Money at a gateway, such as <c>stripe</c>; may be negative.</summary>
    public ValueTask<long> GatewayAsync(string gateway, Currency currency, CancellationToken cancel) =>
        FindAsync("gateway:" + gateway, currency, withoutFloor: true, cancel);

    private static string NameOf(HouseAccount purpose) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(purpose.ToString());

    private async ValueTask<long> FindAsync(string kind, Currency currency, bool withoutFloor, CancellationToken cancel)
    {
        var code = $"{kind}:{currency.Code}";
        if (known.TryGetValue(code, out var id))
        {
            return id;
        }

        await using var command = database.Source.CreateCommand(
            """
            with opened as (
                insert into ledger.accounts (id, currency, kind, code, floor, opened_at)
                select nextval('ledger.house_account_ids'), $2, $3, $1, $4, $5 where not exists (select from ledger.accounts where code = $1)
                on conflict (code) where code is not null do nothing returning id
            )
            select id from opened union all select id from ledger.accounts where code = $1
            """
        );
        command.Parameters.Add(new() { Value = code });
        command.Parameters.Add(new() { Value = currency.Code });
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = withoutFloor ? DBNull.Value : 0L, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        // Two servers that open it at once: the loser sees neither row in this snapshot and asks again.
        id = (long)(await command.ExecuteScalarAsync(cancel) ?? await command.ExecuteScalarAsync(cancel))!;
        known[code] = id;
        return id;
    }
}
