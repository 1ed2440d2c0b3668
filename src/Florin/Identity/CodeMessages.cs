using Florin.Activity;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>Sends a code: its row, the message and the activity commit together.</summary>
internal sealed class CodeMessages(Database database, Codes codes, Secrets secrets)
{
    /// <summary>The prefix of public ids of codes.</summary>
    public const string IdPrefix = "cod";

    /// <summary>Makes a code of a signed-in person and queues its message; the template is named after the purpose, such as <c>pin_reset_code</c>.</summary>
    /// <exception cref="Refusal"><c>rate_limited</c> where the address was sent too many</exception>
    public async Task<NewCode> SendAsync<T>(
        string purpose,
        Guid person,
        MessageChannel channel,
        string to,
        T payload,
        ActivityEntry entry,
        CancellationToken cancel
    )
    {
        await codes.RequireQuietAsync(to, cancel);
        var (code, insert) = codes.New(purpose, person, channel, to, payload);
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code.Digits };
        var message = new MessageRequest(channel, to, purpose + "_code", values).Event(secrets, person);
        return await database.TransactionAsync(
            async connection =>
            {
                await using var batch = new Npgsql.NpgsqlBatch(connection);
                batch.BatchCommands.Add(insert);
                batch.BatchCommands.Add(Outbox.Row(message).Command());
                batch.BatchCommands.Add(ActivityLog.Row(entry).Command());
                await batch.ExecuteNonQueryAsync(cancel);
                return code;
            },
            cancel
        );
    }
}
