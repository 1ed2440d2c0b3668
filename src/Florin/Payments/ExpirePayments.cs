using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Payments;

/// <summary>
/// Ends payments that nobody paid in time. One that a gateway is collecting gets ten minutes more, since its payer may be typing a card number; then
/// it is called off at the gateway first.
/// </summary>
internal sealed partial class ExpirePayments(
    IServiceScopeFactory scopes,
    Database database,
    PaymentEvents events,
    Settlement settlement,
    TimeProvider clock,
    ILogger<ExpirePayments> log
)
{
    /// <summary>How long a payment that is being collected is waited for after its time.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <summary>Every 10 seconds.</summary>
    public static readonly RecurringJob Job = new(
        "payments.expire",
        "3/10 * * * * ?",
        (services, cancel) => services.GetRequiredService<ExpirePayments>().RunAsync(cancel)
    );

    private const int Page = 200;
    private const int Step = 5000; // of rows in one short transaction, since readers of the outbox wait for every transaction

    /// <summary>Ends all that are due.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var after = Guid.Empty;
        List<Payment> due;
        do
        {
            due = await ReadDueAsync(now, after, cancel);
            foreach (var payment in due)
            {
                await EndAsync(payment, now, cancel);
                after = payment.Id;
            }
        } while (due.Count == Page);

        await ForgetEndedAsync(now, cancel);
    }

    private async Task EndAsync(Payment payment, DateTimeOffset now, CancellationToken cancel)
    {
        if (payment.State is PaymentStates.Processing)
        {
            try
            {
                await settlement.CloseLiveAsync(payment.Fact, cancel);
            }
            catch (Refusal refusal) when (refusal.Reason == PaymentsRefusals.AlreadyPaid)
            {
                return;
            }
        }

        var ended = await database.TransactionAsync(
            async connection =>
            {
                await using var end = new NpgsqlCommand(
                    "update payments.payments set state = 'expired', ended_at = $2 where id = $1 and state = 'pending' and expires_at <= $2",
                    connection
                );
                end.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payment.Id });
                end.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
                if (await end.ExecuteNonQueryAsync(cancel) != 1)
                {
                    return false;
                }

                await connection.InsertAsync(cancel, events.Row(PaymentEvents.Expired, payment.Fact, new PaymentStatus(PaymentStates.Expired, EndedAt: now)));
                return true;
            },
            cancel
        );
        if (ended)
        {
            LogExpired(payment.Id);
        }
    }

    private async Task<List<Payment>> ReadDueAsync(DateTimeOffset now, Guid after, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<FlorinDb>()
            .Payments.FromSql(
                $"select p.* from payments.expiries e join payments.payments p on p.id = e.payment_id where e.expires_at <= {now.UtcDateTime} and p.id > {after}"
            )
            .AsNoTracking()
            .Where(one => one.State == PaymentStates.Pending || one.State == PaymentStates.Processing && one.ExpiresAt <= now - Grace)
            .OrderBy(one => one.Id)
            .Take(Page)
            .ToListAsync(cancel);
    }

    // Those that were paid, cancelled or ended just now.
    private async Task ForgetEndedAsync(DateTimeOffset now, CancellationToken cancel)
    {
        int forgotten;
        do
        {
            await using var command = database.Source.CreateCommand(
                """
                delete from payments.expiries where (expires_at, payment_id) in (
                    select e.expires_at, e.payment_id from payments.expiries e join payments.payments p on p.id = e.payment_id
                    where e.expires_at <= $1 and p.state not in ('pending', 'processing') order by e.expires_at, e.payment_id limit $2
                )
                """
            );
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Step });
            forgotten = await command.ExecuteNonQueryAsync(cancel);
        } while (forgotten == Step);
    }

    [LoggerMessage(LogLevel.Debug, "payment {Payment} expired")]
    private partial void LogExpired(Guid payment);
}
