using Florin.Gateways.Stripe;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Gateways;

/// <summary>
/// Takes a kept callback as a hint: asks the gateway what holds. Safe to repeat, since asking is. What fails is tried again by
/// <see cref="RetryCallbacks"/>, and the payments' own schedule asks besides.
/// </summary>
internal sealed partial class CallbackHandling(
    Database database,
    Asking asking,
    StripeGateway stripe,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<CallbackHandling> log
)
{
    /// <summary>How long a gateway or browser waits for our answer; the asking goes on after it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Handles it while the gateway waits for our answer, but not for long.</summary>
    public async Task HandleSoonAsync(Guid id)
    {
        try
        {
            await HandleAsync(id, lifetime.ApplicationStopping).WaitAsync(Patience, clock);
        }
        catch (TimeoutException)
        {
            LogSlow(Ids.Show(Callback.Prefix, id));
        }
    }

    /// <summary>Handles it.</summary>
    public async Task HandleAsync(Guid id, CancellationToken cancel)
    {
        try
        {
            if (await BeginAsync(id, cancel) is { } hint)
            {
                await EndAsync(id, await AskAsync(hint, cancel));
            }
        }
        catch (Exception fault)
            when (fault
                    is Refusal
                        or NpgsqlException
                        or TimeoutException
                        or HttpRequestException
                        or OperationCanceledException
                        or InvalidOperationException
                        or DbUpdateException
            )
        {
            LogFailed(fault, Ids.Show(Callback.Prefix, id));
            await TryEndAsync(id);
        }
    }

    private async Task<string> AskAsync(Hint hint, CancellationToken cancel)
    {
        if (hint.Refund is { } refund)
        {
            return OutcomeOf(await asking.RefundAsync(refund, cancel), report => report.State == RefundState.Unknown);
        }

        var attempt = hint.Attempt ?? (hint.Reference is { } charge ? await stripe.FindAttemptAsync(charge, cancel) : null);
        return attempt is { } known
            ? OutcomeOf(await asking.AttemptAsync(known, cancel), report => report.State == ChargeState.Unknown)
            : CallbackOutcomes.Unmatched;
    }

    private static string OutcomeOf<TReport>(TReport? report, Func<TReport, bool> isUnknown)
        where TReport : class =>
        report is null ? CallbackOutcomes.Unmatched
        : isUnknown(report) ? CallbackOutcomes.Failed
        : CallbackOutcomes.Asked;

    private sealed record Hint(Guid? Attempt, Guid? Refund, string? Reference);

    private async Task<Hint?> BeginAsync(Guid id, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "update gateways.callbacks set tries = tries + 1 where id = $1 returning attempt, refund, case when gateway = $2 then reference end"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StripeGateway.MethodName });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new Hint(
                await reader.IsDBNullAsync(0, cancel) ? null : reader.GetGuid(0),
                await reader.IsDBNullAsync(1, cancel) ? null : reader.GetGuid(1),
                await reader.IsDBNullAsync(2, cancel) ? null : reader.GetString(2)
            )
            : null;
    }

    private async Task EndAsync(Guid id, string outcome)
    {
        // A slow try that fails must not hide another that has asked meanwhile.
        await using var command = database.Source.CreateCommand(
            "update gateways.callbacks set outcome = $2, processed_at = $3 where id = $1 and ($2 <> 'failed' or outcome in ('received', 'failed'))"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = outcome });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task TryEndAsync(Guid id)
    {
        try
        {
            await EndAsync(id, CallbackOutcomes.Failed);
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException)
        {
            LogFailed(away, Ids.Show(Callback.Prefix, id)); // it stays received, and is tried again
        }
    }

    [LoggerMessage(LogLevel.Information, "callback {Callback}: the gateway is slow to say what holds; it was answered before")]
    private partial void LogSlow(string callback);

    [LoggerMessage(LogLevel.Warning, "callback {Callback} could not be handled; it is tried again")]
    private partial void LogFailed(Exception fault, string callback);
}
