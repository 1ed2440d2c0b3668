using Florin.Activity;
using Florin.Platform;
using Npgsql;

namespace Florin.Payments;

/// <summary><c>POST /v1/payments/{id}/cancel</c>: whoever made it or takes money for it calls it off.</summary>
internal static class CancelPayment
{
    public static void Map(RouteGroupBuilder routes) =>
        routes.MapPost("/{id}/cancel", HandleAsync).RequireAuthorization(PaymentsModule.Write).LimitRate(RateLimit.Money).Produces<PaymentView>();

    private static async Task<IResult> HandleAsync(string id, Caller caller, HttpContext http, Cancellation cancellation, CancellationToken cancel) =>
        Results.Json(await cancellation.CancelAsync(Ids.Read(PaymentFact.Prefix, id), caller, http, cancel), Wire.Json);
}

/// <summary>
/// Calls payments off. Where a gateway is collecting, that is called off first; money that comes all the same goes back by itself.
/// </summary>
public sealed class Cancellation
{
    private readonly PaymentFacts facts;
    private readonly PaymentAccess access;
    private readonly PaymentViews views;
    private readonly PaymentEvents events;
    private readonly Settlement settlement;
    private readonly Database database;
    private readonly ActivityLog activity;
    private readonly TimeProvider clock;

    internal Cancellation(
        PaymentFacts facts,
        PaymentAccess access,
        PaymentViews views,
        PaymentEvents events,
        Settlement settlement,
        Database database,
        ActivityLog activity,
        TimeProvider clock
    )
    {
        this.facts = facts;
        this.access = access;
        this.views = views;
        this.events = events;
        this.settlement = settlement;
        this.database = database;
        this.activity = activity;
        this.clock = clock;
    }

    /// <summary>Calls a payment off, once; again it answers the same.</summary>
    /// <returns>The payment as it is then.</returns>
    /// <exception cref="Refusal"><c>not_found</c>, <c>forbidden</c>, <c>payment_not_payable</c>, <c>payment_already_paid</c>, <c>payment_in_progress</c></exception>
    public async Task<PaymentView> CancelAsync(Guid id, Caller caller, HttpContext http, CancellationToken cancel)
    {
        var payment = await facts.NowAsync(id, cancel);
        var role = await access.DemandCancelAsync(payment, caller, cancel);
        if (payment.State is not (PaymentStates.Pending or PaymentStates.Processing or PaymentStates.Cancelled))
        {
            throw payment.CompletedAt is null ? PaymentsRefusals.NotPayable.With($"It is {payment.State}.") : PaymentsRefusals.AlreadyPaid.With();
        }

        if (payment.State is PaymentStates.Processing)
        {
            await settlement.CloseLiveAsync(payment.Fact, cancel);
        }

        var entry = activity.Entry(http, "payments.cancelled", payment.Payer ?? payment.CreatedBy, new { payment = payment.Fact.PublicId });
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
        return after.State is PaymentStates.Cancelled ? views.Of(after.Fact, after.Status, payee: role != PayeeRole.None)
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
