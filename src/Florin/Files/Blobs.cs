using Florin.Files.Storage;
using Florin.Platform;
using Npgsql;

namespace Florin.Files;

/// <summary>
/// Keeps storage and rows together: a name is written down before its first byte is stored, and what belongs to nobody is removed, by whoever left it
/// or by a job.
/// </summary>
internal sealed partial class Blobs(IFileStorage storage, Database database, TimeProvider clock, ILogger<Blobs> log)
{
    /// <summary>Every ten minutes: what uploads left behind that never ended, and what was to be removed and could not be.</summary>
    public static readonly RecurringJob Job = new(
        "files.remove_blobs",
        "23 3/10 * * * ?",
        (services, cancel) => services.GetRequiredService<Blobs>().TidyAsync(cancel)
    );

    private const int Page = 100;

    // No upload goes on for so long.
    private static readonly TimeSpan Arriving = TimeSpan.FromHours(24);
    private static readonly TimeSpan Doomed = TimeSpan.FromMinutes(5);

    /// <summary>Stores what comes.</summary>
    /// <param name="content">To its end.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Its name. It is removed after a day where no commit keeps it.</returns>
    /// <exception cref="Refusal"><c>file_storage_unavailable</c></exception>
    public async Task<string> SaveAsync(Stream content, CancellationToken cancel)
    {
        var name = FileStore.NewName();
        await ExecuteAsync("insert into files.blobs (name, since) values ($1, $2)", name, cancel);
        var stored = false;
        try
        {
            await storage.SaveAsync(name, content, cancel);
            stored = true;
            return name;
        }
        catch (StorageFault fault)
        {
            LogStorage(fault);
            throw FilesRefusals.FileStorageUnavailable.With();
        }
        finally
        {
            if (!stored)
            {
                await RemoveAsync(name);
            }
        }
    }

    /// <summary>Removes what belongs to nobody; where the storage does not answer, the job does it later.</summary>
    public async Task RemoveAsync(string name)
    {
        // Not where a commit whose answer was lost has kept it.
        if (await ExecuteAsync("update files.blobs set state = 'doomed', since = $2 where name = $1 and state <> 'kept'", name, CancellationToken.None) == 0)
        {
            return;
        }

        try
        {
            await storage.DeleteAsync(name, CancellationToken.None);
            await ExecuteAsync("delete from files.blobs where name = $1 and state = 'doomed' and since <= $2", name, CancellationToken.None);
        }
        catch (StorageFault fault)
        {
            LogStorage(fault);
        }
    }

    /// <summary>Removes all that is left behind. Each is given up before it is removed, so that no commit can keep it any more.</summary>
    public async Task TidyAsync(CancellationToken cancel)
    {
        List<string> left;
        do
        {
            left = await GiveUpAsync(cancel);
            foreach (var name in left)
            {
                await RemoveAsync(name);
            }
        } while (left.Count == Page && !cancel.IsCancellationRequested);
    }

    private async Task<List<string>> GiveUpAsync(CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            """
            update files.blobs b set state = 'doomed', since = $1
            from (
                select name from files.blobs where state = 'arriving' and since < $2 or state = 'doomed' and since < $3
                order by since limit $4 for update skip locked
            ) old
            where b.name = old.name returning b.name
            """
        );
        var now = clock.GetUtcNow();
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - Arriving).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - Doomed).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Page });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var names = new List<string>();
        while (await reader.ReadAsync(cancel))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private async Task<int> ExecuteAsync(string sql, string name, CancellationToken cancel)
    {
#pragma warning disable CA2100 // constants of this file
        await using var command = database.Source.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        return await command.ExecuteNonQueryAsync(cancel);
    }

    [LoggerMessage(LogLevel.Warning, "the file storage failed")]
    private partial void LogStorage(Exception fault);
}
