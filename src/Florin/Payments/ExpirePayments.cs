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
            .Payments.AsNoTracking()
            .Where(one =>
                one.Id > after
                && (one.State == PaymentStates.Pending && one.ExpiresAt <= now || one.State == PaymentStates.Processing && one.ExpiresAt <= now - Grace)
            )
            .OrderBy(one => one.Id)
            .Take(Page)
            .ToListAsync(cancel);
    }

    [LoggerMessage(LogLevel.Debug, "payment {Payment} expired")]
    private partial void LogExpired(Guid payment);
}
