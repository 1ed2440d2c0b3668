using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Payments;

/// <summary>
/// <c>POST /v1/payments/{id}/cancel</c>: whoever made it or takes money for it calls it off. Where a gateway is collecting, that is called off first;
/// money that comes all the same goes back by itself.
/// </summary>
internal static class CancelPayment
{
    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/{id}/cancel", HandleAsync).RequireAuthorization(PaymentsModule.Write).LimitRate(RateLimit.Money).Produces<PaymentView>();

    private static async Task<IResult> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        PaymentFacts facts,
        PaymentAccess access,
        PaymentViews views,
        PaymentEvents events,
        Settlement settlement,
        Database database,
        ActivityLog activity,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var payment = await facts.NowAsync(Ids.Read(PaymentFact.Prefix, id), cancel);
        var role = await access.DemandPartyAsync(payment, caller, cancel);
        if (role < PayeeRole.Cashier && caller.Person != payment.CreatedBy)
        {
            throw PlatformRefusals.Forbidden.With();
        }

        if (payment.State is not (PaymentStates.Pending or PaymentStates.Processing or PaymentStates.Cancelled))
        {
            throw payment.CompletedAt is null ? PaymentsRefusals.NotPayable.With($"It is {payment.State}.") : PaymentsRefusals.AlreadyPaid.With();
        }

        if (payment.State is PaymentStates.Processing)
        {
            await settlement.CloseLiveAsync(payment.Fact, cancel);
        }

        var entry = activity.Entry(http, "payments.cancelled", payment.Payer ?? payment.CreatedBy, new { payment = id });
        var now = clock.GetUtcNow();
        await database.TransactionAsync(
            async connection =>
            {
                if (await EndAsync(connection, payment.Id, now, cancel))
                {
                    var status = new PaymentStatus(PaymentStates.Cancelled, EndedAt: now);
                    await connection.InsertAsync(cancel, events.Row(PaymentEvents.Cancelled, payment.Fact, status), ActivityLog.Row(entry));
                }

                return true;
            },
            cancel
        );
        var after = await facts.NowAsync(payment.Id, cancel);
        return after.State is PaymentStates.Cancelled ? Results.Json(views.Of(after.Fact, after.Status, payee: role != PayeeRole.None), Wire.Json)
            : after.CompletedAt is not null ? throw PaymentsRefusals.AlreadyPaid.With()
            : throw PaymentsRefusals.InProgress.With();
    }

    private static async Task<bool> EndAsync(NpgsqlConnection connection, Guid payment, DateTimeOffset now, CancellationToken cancel)
    {
        await using var end = new NpgsqlCommand(
            "update payments.payments set state = 'cancelled', ended_at = $2 where id = $1 and state = 'pending'",
            connection
        );
        end.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payment });
        end.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        return await end.ExecuteNonQueryAsync(cancel) == 1;
    }
}
