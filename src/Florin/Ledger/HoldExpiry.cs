using Florin.Platform;
using Npgsql;

namespace Florin.Ledger;

/// <summary>Releases holds whose time is over. Two servers at once do no harm: the second finds the hold ended.</summary>
internal sealed class HoldExpiry(Database database, GeneralLedger ledger, TimeProvider clock)
{
    private const int Page = 500;

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var released = 0;
        while (true)
        {
            var due = await DueAsync(cancel);
            foreach (var hold in due)
            {
                var commit = new LedgerCommit();
                commit.HoldEnds.Add(hold);
                try
                {
                    await ledger.CommitAsync(commit);
                    released++;
                }
                catch (Refusal refusal) when (refusal.Reason == LedgerRefusals.HoldNotOpen)
                {
                    // It was captured or released meanwhile.
                }
            }

            if (due.Count < Page)
            {
                return released;
            }
        }
    }

    private async Task<List<HoldEnd>> DueAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select id, account_id from ledger.holds where state = 'open' and expires_at <= $1 order by expires_at limit $2"
        );
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Page });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var due = new List<HoldEnd>();
        while (await reader.ReadAsync(cancel))
        {
            due.Add(new HoldEnd(reader.GetGuid(0), reader.GetInt64(1), Expired: true));
        }

        return due;
    }
}
