using System.Runtime.CompilerServices;
using System.Text.Json;
using Florin.Platform;
using Npgsql;

namespace Florin.Activity;

/// <summary>What a person did and what was done to them. The rows hold no names; they stay when the person goes, as the law on payments wants.</summary>
internal sealed class ActivityPersonalData(Database database) : IPersonalData
{
    public string Section => "activity";

    public Task<object> ExportAsync(Guid person, CancellationToken cancel) => Task.FromResult<object>(ReadAsync(person, cancel));

    public Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel) => Task.CompletedTask;

    // Streamed into the answer: there may be very many.
    private async IAsyncEnumerable<object> ReadAsync(Guid person, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand(
            "select at, action, host(address), details::text from activity.entries where subject = $1 order by id"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = person });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return new
            {
                At = reader.GetFieldValue<DateTimeOffset>(0),
                Action = reader.GetString(1),
                Address = await reader.IsDBNullAsync(2, cancel) ? null : reader.GetString(2),
                Details = JsonSerializer.Deserialize<JsonElement>(reader.GetString(3)),
            };
        }
    }
}
