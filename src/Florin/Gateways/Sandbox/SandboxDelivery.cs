using System.Text;
using Florin.Platform;
using Npgsql;

namespace Florin.Gateways.Sandbox;

/// <summary>Sends the sandbox gateway's callbacks when they are due, each by one server. What a dead server held is sent when its lease ends.</summary>
internal sealed class SandboxDelivery(Database database, SandboxCallbacks callbacks, Settings settings, TimeProvider clock, ILogger<SandboxDelivery> log)
    : BackgroundService
{
    private const int AtOnce = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        settings.Jobs ? Rounds.RunAsync("sandbox callbacks", RoundAsync, clock, log, stoppingToken) : Task.CompletedTask;

    /// <summary>Sends all that are due now.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeliverDueAsync(CancellationToken cancel)
    {
        var count = 0;
        while (await ClaimAsync(cancel) is { Count: > 0 } claimed)
        {
            foreach (var due in claimed)
            {
                await DeliverAsync(due, cancel);
                count++;
            }
        }

        return count;
    }

    private async Task RoundAsync(CancellationToken cancel)
    {
        await DeliverDueAsync(cancel);
        await Task.Delay(Pause, clock, cancel);
    }

    private async Task DeliverAsync(Due due, CancellationToken cancel)
    {
        if (due.Captures)
        {
            await using var capture = database.Source.CreateCommand(
                "update gateways.sandbox_charges set state = 'captured', ended_at = $2 where attempt = $1 and state = 'expired'"
            );
            capture.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = due.Attempt });
            capture.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
            await capture.ExecuteNonQueryAsync(cancel);
        }

        var body = Encoding.UTF8.GetBytes(due.Body);
        var signature = callbacks.Sign(body, due.Forged);
        try
        {
            await callbacks.TakeAsync(body, signature, new Dictionary<string, string>(StringComparer.Ordinal) { [SandboxCallbacks.Header] = signature });
        }
        catch (Refusal)
        {
            // As a gateway that is told 400: it gives up.
        }

        await using var done = database.Source.CreateCommand("update gateways.sandbox_callbacks set delivered_at = $2 where id = $1");
        done.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = due.Id });
        done.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        await done.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private sealed record Due(Guid Id, Guid Attempt, string Body, bool Forged, bool Captures);

    private async Task<List<Due>> ClaimAsync(CancellationToken cancel)
    {
        await using var claim = database.Source.CreateCommand(
            "with due as (select id from gateways.sandbox_callbacks where delivered_at is null and due_at <= $1 and (leased_until is null or leased_until < $1) "
                + "order by due_at, id limit $3 for update skip locked), "
                + "claimed as (update gateways.sandbox_callbacks c set leased_until = $2, tries = tries + 1 from due where c.id = due.id "
                + "returning c.id, c.attempt, c.body, c.forged, c.captures, c.due_at) "
                + "select id, attempt, body, forged, captures from claimed order by due_at, id"
        );
        var now = clock.GetUtcNow();
        claim.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        claim.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now + Lease).UtcDateTime });
        claim.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
        await using var reader = await claim.ExecuteReaderAsync(cancel);
        var claimed = new List<Due>();
        while (await reader.ReadAsync(cancel))
        {
            claimed.Add(new Due(reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetBoolean(3), reader.GetBoolean(4)));
        }

        return claimed;
    }
}
