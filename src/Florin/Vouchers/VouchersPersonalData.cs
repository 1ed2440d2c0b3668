using System.Text.Json;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Vouchers;

/// <summary>
/// A person's vouchers and what was redeemed of them. Where an account ends its vouchers are nobody's: whoever verifies their service still takes the code,
/// and they end by time. What was noted at redemptions is erased; that they happened stays, as the book does.
/// </summary>
internal sealed class VouchersPersonalData(IServiceScopeFactory scopes, TimeProvider clock) : IPersonalData
{
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });

    public string Section => "vouchers";

    public async Task<object> ExportAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var now = clock.GetUtcNow();
        var own = await db.Vouchers.AsNoTracking().Where(one => one.Owner == person).OrderBy(one => one.Id).ToListAsync(cancel);
        var bought = await db
            .Vouchers.AsNoTracking()
            .Where(one => one.BoughtBy == person && one.Owner != person)
            .OrderBy(one => one.Id)
            .Select(one => new
            {
                one.PaymentId,
                one.Name,
                one.IssuedAt,
            })
            .ToListAsync(cancel);
        var redeemed = await db
            .VoucherRedemptions.AsNoTracking()
            .Where(one => one.Owner == person || one.RedeemedBy == person)
            .Join(db.Vouchers.AsNoTracking(), one => one.VoucherId, one => one.Id, (redemption, voucher) => new { redemption, voucher })
            .OrderBy(row => row.redemption.Id)
            .ToListAsync(cancel);
        var verifies = await db.VoucherVerifiers.Where(one => one.PersonId == person).OrderBy(one => one.ServiceType).ToListAsync(cancel);
        return new
        {
            Own = own.ConvertAll(one => VoucherView.Of(one, person, now)),
            GivenAway = bought.ConvertAll(one => new
            {
                Payment = Ids.Show("pay", one.PaymentId),
                one.Name,
                one.IssuedAt,
            }),
            // What a verifier noted of others is theirs to have.
            Redemptions = redeemed.ConvertAll(row =>
            {
                var shown = VoucherRedemptionView.Of(row.redemption, row.voucher, row.voucher.StateAt(now), row.voucher.UsesLeft);
                return row.redemption.Owner == person ? shown : shown with { ServiceData = Nothing };
            }),
            Verifies = verifies.ConvertAll(one => new { one.ServiceType, one.GrantedAt }),
        };
    }

    public async Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (
            var sql in new[]
            {
                "delete from vouchers.verifiers where person_id = $1",
                "update vouchers.vouchers set owner = null where owner = $1",
                "update vouchers.redemptions set service_data = '{}', undone_why = null, owner = null where owner = $1",
                "update vouchers.redemptions set redeemed_by = null where redeemed_by = $1",
            }
        )
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = person } } });
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }
}
