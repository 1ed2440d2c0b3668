using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Notifications;

/// <summary>What a person chose about messages, what they were told of, and in a sandbox the messages themselves.</summary>
internal sealed class NotificationsPersonalData(Database database, IServiceScopeFactory scopes) : IPersonalData
{
    public string Section => "notifications";

    public async Task<object> ExportAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        return new
        {
            Choices = await ListMyNotifications.ShowAsync(db, person, cancel),
            ToldOf = await ToldOfAsync(person, cancel),
            SandboxMessages = await db
                .KeptMessages.AsNoTracking()
                .Where(message => message.Person == person)
                .OrderBy(message => message.Id)
                .Select(message => new
                {
                    message.CreatedAt,
                    message.Channel,
                    message.Recipient,
                    message.Template,
                })
                .ToListAsync(cancel),
        };
    }

    public async Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var table in (string[])["notifications.choices", "notifications.notices", "notifications.messages", "notifications.event_tickets"])
        {
            var delete = new NpgsqlBatchCommand($"delete from {table} where person = $1");
            delete.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
            batch.BatchCommands.Add(delete);
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }

    private async Task<List<object>> ToldOfAsync(Guid person, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select cause, written_at from notifications.notices where person = $1 order by written_at");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var told = new List<object>();
        while (await reader.ReadAsync(cancel))
        {
            told.Add(new { Cause = reader.GetString(0), At = reader.GetFieldValue<DateTimeOffset>(1) });
        }

        return told;
    }
}
