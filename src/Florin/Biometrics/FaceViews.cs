using Florin.Identity;
using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Biometrics;

/// <summary>Reads what a person sees of their face.</summary>
internal sealed class FaceViews(FaceStore faces, FaceEngine engine, FaceLimits limits, FaceDays days, Database database, IServiceScopeFactory scopes)
{
    /// <summary>Of this person, now.</summary>
    public async Task<FaceView> OfAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var claimed = await scope.ServiceProvider.GetRequiredService<People>().FindAsync(person, cancel) is { Claimed: true };
        var receipts = await ReceiptsAsync(person, 1, cancel);
        var face = await faces.FindAsync(person, cancel);
        IReadOnlyList<Amount> each = face is null ? [] : await limits.OfPersonAsync(face, cancel);
        var left = await days.LeftAsync(person, [.. each.Select(limit => new Amount(limits.OfDay(limit.Minor), limit.Currency))], cancel);
        return FaceView.Of(face, (each, left), claimed, receipts is [{ } last, ..] ? last : null, engine);
    }

    /// <summary>The receipts of templates of theirs that were destroyed, newest first.</summary>
    public async Task<IReadOnlyList<DeletionReceipt>> ReceiptsAsync(Guid person, int most, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select id, enrolled_at, deleted_at from biometrics.deletion_receipts where person_id = $1 order by id desc limit $2"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        var receipts = new List<DeletionReceipt>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            receipts.Add(
                new(Ids.Show(FaceStore.ReceiptPrefix, reader.GetGuid(0)), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2))
            );
        }

        return receipts;
    }
}
