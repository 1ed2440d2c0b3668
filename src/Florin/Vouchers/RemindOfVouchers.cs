using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Vouchers;

/// <summary>
/// Reminds owners of vouchers that end soon, once each: the days before that are set, or half of a voucher's time where that is shorter. The event is
/// written with the mark, so that nobody is told twice.
/// </summary>
internal sealed class RemindOfVouchers(IServiceScopeFactory scopes, Database database, VoucherSettings settings, TimeProvider clock)
{
    /// <summary>Every hour.</summary>
    public static readonly RecurringJob Job = new(
        "vouchers.remind",
        "0 17 * * * ?",
        (services, cancel) => services.GetRequiredService<RemindOfVouchers>().RunAsync(cancel)
    );

    private const int PageSize = 500;

    /// <summary>Reminds of all that are due.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        if (settings.RemindBefore == TimeSpan.Zero)
        {
            return;
        }

        while (await PageAsync(cancel) == PageSize)
        {
            // The next page.
        }
    }

    private async Task<int> PageAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return await database.TransactionAsync(
            async connection =>
            {
                var due = await MarkAsync(connection, now, cancel);
                await using var scope = scopes.CreateAsyncScope();
                var vouchers = await scope
                    .ServiceProvider.GetRequiredService<FlorinDb>()
                    .Vouchers.AsNoTracking()
                    .Where(one => due.Contains(one.Id))
                    .ToListAsync(cancel);
                var events = vouchers.ConvertAll(one => VoucherEvents.Row(VoucherEvents.Expiring, one, one.State, one.UsesLeft));
                if (events.Count > 0)
                {
                    await connection.InsertAsync(cancel, [.. events]);
                }

                return due.Count;
            },
            cancel
        );
    }

    private async Task<List<Guid>> MarkAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        await using var mark = new NpgsqlCommand(
            """
            update vouchers.vouchers v set reminded_at = $1
            from (
                select id from vouchers.vouchers
                where state = 'active' and reminded_at is null and owner is not null and expires_at > $1 and expires_at <= $1 + $2
                    and expires_at - least($2, (expires_at - issued_at) / 2) <= $1
                order by expires_at limit $3 for update skip locked
            ) due
            where v.id = due.id returning v.id
            """,
            connection
        );
        mark.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        mark.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = settings.RemindBefore });
        mark.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
        await using var reader = await mark.ExecuteReaderAsync(cancel);
        var due = new List<Guid>();
        while (await reader.ReadAsync(cancel))
        {
            due.Add(reader.GetGuid(0));
        }

        return due;
    }
}
