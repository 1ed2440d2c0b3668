using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Gateways;

/// <summary>
/// <c>POST /v1/gateways/callbacks/{id}/match</c>: support says which payment a callback is about that named nothing of ours. Its gateway is then asked about the
/// payment's newest attempt by it, and what it answers is booked as ever: no word of the callback or of staff makes money.
/// </summary>
internal static class MatchCallback
{
    /// <param name="Payment">The payment's id or code.</param>
    /// <param name="Reason">How you know.</param>
    public sealed record Request(
        [property: Required, StringLength(64)] string Payment,
        [property: Required, StringLength(500, MinimumLength = 3)] string Reason
    );

    internal static void Map(RouteGroupBuilder callbacks) => callbacks.MapPost("/{id}/match", HandleAsync).RequireAuthorization(Policies.Support);

    private static async Task<CallbackView> HandleAsync(
        string id,
        Request request,
        HttpContext http,
        FlorinDb db,
        Database database,
        PaymentFacts payments,
        CallbackHandling handling,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var key = Ids.Read(Callback.Prefix, id);
        var callback = await db.Callbacks.AsNoTracking().SingleOrDefaultAsync(one => one.Id == key, cancel) ?? throw PlatformRefusals.NotFound.With();
        var payment = await NamedAsync(payments, request.Payment.Trim(), cancel);
        var attempt = await payments.NewestAttemptAsync(payment.Id, callback.Gateway, cancel) ?? throw GatewaysRefusals.NoSuchAttempt.With();
        var entry = activity.Entry(
            http,
            "gateways.callback_matched",
            payment.Owner,
            new
            {
                callback = id,
                payment = payment.PublicId,
                attempt = attempt.ToString("N"),
                request.Reason,
            }
        );
        await database.TransactionAsync(
            async connection =>
            {
                await using var match = new NpgsqlCommand(
                    "update gateways.callbacks set attempt = $2, outcome = 'received', processed_at = null where id = $1 and outcome = 'unmatched'",
                    connection
                );
                match.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key });
                match.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = attempt });
                if (await match.ExecuteNonQueryAsync(cancel) != 1)
                {
                    throw GatewaysRefusals.CallbackMatched.With();
                }

                await connection.InsertAsync(cancel, ActivityLog.Row(entry));
                return true;
            },
            cancel
        );
        await handling.HandleAsync(key, CancellationToken.None);
        return CallbackView.Of(await db.Callbacks.AsNoTracking().SingleAsync(one => one.Id == key, cancel));
    }

    private static async Task<PaymentFact> NamedAsync(PaymentFacts payments, string idOrCode, CancellationToken cancel)
    {
        try
        {
            return await payments.NamedAsync(idOrCode, cancel);
        }
        catch (Refusal refusal) when (refusal.Reason == PlatformRefusals.NotFound)
        {
            throw PlatformRefusals.InvalidRequest.Field("payment", "there is no such payment");
        }
    }
}
