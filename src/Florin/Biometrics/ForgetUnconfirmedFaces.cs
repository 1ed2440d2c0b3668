using Florin.Activity;
using Florin.Identity;
using Florin.Platform;
using Npgsql;

namespace Florin.Biometrics;

/// <summary>
/// Destroys templates that shops made of people who did not agree in time: what nobody may compare is not kept. What a shop attested stays as long as the
/// account is not its person's own; from then on they have the same time to agree.
/// </summary>
internal sealed class ForgetUnconfirmedFaces(
    Database database,
    FaceStore faces,
    BiometricsSettings settings,
    ActivityLog activity,
    IServiceScopeFactory scopes,
    TimeProvider clock
)
{
    /// <summary>Every hour.</summary>
    public static readonly RecurringJob Job = new(
        "biometrics.forget_unconfirmed",
        "0 37 * * * ?",
        (services, cancel) => services.GetRequiredService<ForgetUnconfirmedFaces>().RunAsync(cancel)
    );

    private const int PageSize = 500;

    /// <summary>Destroys all that are due.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - settings.AgreeWithin;
        var after = Guid.Empty;
        List<(Guid Person, bool Attested)> waiting;
        do
        {
            waiting = await ReadAsync(before, after, cancel);
            foreach (var (person, attested) in waiting)
            {
                after = person;
                if (!attested || await ClaimedBeforeAsync(person, before, cancel))
                {
                    await ForgetAsync(person, cancel);
                }
            }
        } while (waiting.Count == PageSize);
    }

    private async Task ForgetAsync(Guid person, CancellationToken cancel)
    {
        try
        {
            await faces.DestroyUnconfirmedAsync(person, null, FaceStore.NotAgreed, activity.Entry("biometrics.face_not_agreed", person), cancel);
        }
        catch (Refusal refusal) when (refusal.Reason == PlatformRefusals.NotFound)
        {
            // They agreed, or deleted it, a moment ago.
        }
    }

    private async Task<bool> ClaimedBeforeAsync(Guid person, DateTimeOffset before, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<People>().FindAsync(person, cancel) is { Claimed: true } found && found.ClaimedAt < before;
    }

    private async Task<List<(Guid Person, bool Attested)>> ReadAsync(DateTimeOffset before, Guid after, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            select f.person_id, exists (select from biometrics.consents c where c.person_id = f.person_id and c.withdrawn_at is null)
            from biometrics.faces f where f.shop_id is not null and f.confirmed_at is null and f.enrolled_at < $1 and f.person_id > $2
            order by f.person_id limit $3
            """
        );
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
        var waiting = new List<(Guid, bool)>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            waiting.Add((reader.GetGuid(0), reader.GetBoolean(1)));
        }

        return waiting;
    }
}
