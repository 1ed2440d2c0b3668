using System.Diagnostics.CodeAnalysis;
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

/// <summary>Counts files from <c>files.figures</c>, sums that triggers keep with each change, and credits from the lots that have some left.</summary>
public sealed class FileFigures(Database database)
{
    private static readonly string Counts = $"""
        select ever.processing + ever.completed + ever.failed, ever.processing, ever.completed, ever.failed, now.uploaded, before.uploaded
        from (
            select coalesce(sum(processing), 0)::bigint as processing, coalesce(sum(completed), 0)::bigint as completed, coalesce(sum(failed), 0)::bigint as failed
            from files.figures where size = 'ever'
        ) ever
        cross join ({InStretch(1)}) now
        cross join ({InStretch(5)}) before
        """;

    /// <summary>Counts.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "a constant of this file")]
    public async Task<FileCounts> CountAsync(Stretch stretch, CancellationToken cancel)
    {
        var owed = await OwedAsync(cancel);
        await using var command = database.Source.CreateCommand(Counts);
        command.Parameters.AddRange(Rollup.Values(stretch).Concat(Rollup.Values(stretch.Before)).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new FileCounts(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), owed);
    }

    /// <summary>Adds what changes wrote to the sums that they move, so that few rows are read; figures are the same before and after.</summary>
    public async Task FoldAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select files.fold_rollups()");
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Counts every sum anew, while the server goes on.</summary>
    /// <returns>How many had been wrong.</returns>
    public async Task<long> RecountAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select files.recount_rollups()");
        command.CommandTimeout = 0;
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static string InStretch(int first) =>
        $"select coalesce(sum(processing + completed + failed), 0)::bigint as uploaded from {Rollup.Rows("files.figures", first)} figures";

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
