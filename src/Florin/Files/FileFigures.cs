using Florin.Money;
using Florin.Platform;
using Npgsql;

namespace Florin.Files;

/// <summary>How many files there are, those deleted since included. <c>docs/metrics.md</c> says what each figure is.</summary>
/// <param name="Total">Uploaded ever.</param>
/// <param name="Processing">Of these: being worked on, or waiting for it.</param>
/// <param name="Completed">Done.</param>
/// <param name="Failed">Could not be done; their credit came back.</param>
/// <param name="Uploaded">Uploaded in the stretch of time.</param>
/// <param name="UploadedBefore">The same of the stretch before.</param>
/// <param name="CreditsOwed">What credits that are not spent or paid back are worth, by currency.</param>
public sealed record FileCounts(
    long Total,
    long Processing,
    long Completed,
    long Failed,
    long Uploaded,
    long UploadedBefore,
    IReadOnlyList<Amount> CreditsOwed
);

/// <summary>Counts files and credits.</summary>
public sealed class FileFigures(Database database)
{
    /// <summary>Counts.</summary>
    public async Task<FileCounts> CountAsync(Stretch stretch, CancellationToken cancel)
    {
        var owed = await OwedAsync(cancel);
        await using var command = database.Source.CreateCommand(
            """
            select count(*), count(*) filter (where state = 'processing'), count(*) filter (where state = 'completed'), count(*) filter (where state = 'failed'),
                count(*) filter (where uploaded_at >= $1 and uploaded_at < $2), count(*) filter (where uploaded_at >= $3 and uploaded_at < $4)
            from files.files
            """
        );
        var before = stretch.Before;
        foreach (var at in new[] { stretch.From, stretch.To, before.From, before.To })
        {
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime });
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new FileCounts(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), owed);
    }

    private async Task<IReadOnlyList<Amount>> OwedAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select currency, sum(price * (available + held))::bigint from files.credit_lots where available + held > 0 group by currency order by currency"
        );
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<Amount>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(new Amount(reader.GetInt64(1), Currency.Of(reader.GetString(0))));
        }

        return rows;
    }
}
