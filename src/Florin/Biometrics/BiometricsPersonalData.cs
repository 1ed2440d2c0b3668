using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Biometrics;

/// <summary>Face, consents and comparisons of a person. The template itself is nobody's to read; that consents were given is kept, without the name.</summary>
internal sealed class BiometricsPersonalData(FaceViews views, FaceStore faces, Database database, IServiceScopeFactory scopes) : IPersonalData
{
    private const int MostReceipts = 1_000;

    public string Section => "biometrics";

    public async Task<object> ExportAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var attempts = await db.FaceAttempts.AsNoTracking().Where(one => one.PersonId == person).OrderBy(one => one.Id).ToListAsync(cancel);
        return new
        {
            Face = await views.OfAsync(person, cancel),
            Consents = await ConsentsAsync(person, cancel),
            Comparisons = attempts.ConvertAll(one => ListFaceAttempts.Of(one) with { Till = null }),
            Deletions = await views.ReceiptsAsync(person, MostReceipts, cancel),
        };
    }

    public async Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        await faces.ForgiveAsync(connection, person, cancel); // its lock: nobody enrols meanwhile
        await faces.DestroyAsync(connection, person, "account_deleted", cancel);
        await using var batch = new NpgsqlBatch(connection);
        foreach (
            var sql in (string[])
                [
                    "delete from biometrics.tries where person_id = $1",
                    "delete from biometrics.day_sums where person_id = $1",
                    "delete from biometrics.challenges where payer = $1 and used_at is null",
                    "update biometrics.attempts set person_id = null where person_id = $1",
                ]
        )
        {
            batch.BatchCommands.Add(new(sql) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = person } } });
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }

    private async Task<List<object>> ConsentsAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select version, given_by, given_at, withdrawn_at from biometrics.consents where person_id = $1 order by id"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        var consents = new List<object>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            consents.Add(
                new
                {
                    Version = reader.GetString(0),
                    GivenBy = reader.GetString(1),
                    GivenAt = reader.GetFieldValue<DateTimeOffset>(2),
                    WithdrawnAt = await reader.GetFieldValueAsync<DateTimeOffset?>(3, cancel),
                }
            );
        }

        return consents;
    }
}
