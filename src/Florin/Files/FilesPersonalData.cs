using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Files;

/// <summary>
/// Files and credits of a person. At the end of an account the files go, from the storage too; the account does not end while it has credits, since they are
/// money.
/// </summary>
internal sealed class FilesPersonalData(IServiceScopeFactory scopes, TimeProvider clock) : IPersonalData
{
    public string Section => "files";

    public async Task<object> ExportAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var files = await db.UploadedFiles.AsNoTracking().Where(file => file.PersonId == person).OrderBy(file => file.Id).ToListAsync(cancel);
        var lots = await db.CreditLots.AsNoTracking().Where(lot => lot.PersonId == person).OrderBy(lot => lot.BoughtAt).ToListAsync(cancel);
        return new
        {
            Files = files.ConvertAll(FileView.Of),
            Credits = lots.ConvertAll(lot => new
            {
                Payment = Ids.Show(Payments.PaymentFact.Prefix, lot.PaymentId),
                lot.Service,
                Price = lot.PriceOfOne,
                lot.Bought,
                lot.Available,
                lot.Held,
                lot.Spent,
                lot.Refunded,
                lot.BoughtAt,
            }),
        };
    }

    public async Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        // The locks of these rows keep an upload from taking a credit meanwhile; without a free one there is no upload, and without a held one no work.
        await using var left = new NpgsqlCommand("select available + held from files.credit_lots where person_id = $1 for update", connection);
        left.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using (var reader = await left.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
            {
                if (reader.GetInt32(0) > 0)
                {
                    throw FilesRefusals.FileCreditsLeft.With();
                }
            }
        }

        var now = clock.GetUtcNow().UtcDateTime;
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // Old enough for the job that removes it to take it at once.
                new("update files.blobs b set state = 'doomed', since = $2 - interval '1 day' from files.files f where f.person_id = $1 and b.name = f.blob")
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid> { TypedValue = person },
                        new NpgsqlParameter<DateTime> { TypedValue = now },
                    },
                },
                new("update files.files set filename = $3, blob = null, deleted_at = coalesce(deleted_at, $2) where person_id = $1")
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid> { TypedValue = person },
                        new NpgsqlParameter<DateTime> { TypedValue = now },
                        new NpgsqlParameter<string> { TypedValue = UploadedFile.DeletedName },
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancel);
    }
}
