using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Webhooks;

/// <summary>A merchant's endpoints. Nothing keeps them when the merchant goes: what was sent is in the book and in the receiver's hands.</summary>
internal sealed class WebhooksPersonalData(IServiceScopeFactory scopes) : IPersonalData
{
    public string Section => "webhooks";

    public async Task<object> ExportAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var endpoints = await scope
            .ServiceProvider.GetRequiredService<FlorinDb>()
            .WebhookEndpoints.AsNoTracking()
            .Where(e => e.PersonId == person && e.DeletedAt == null)
            .OrderBy(e => e.Id)
            .ToListAsync(cancel);
        return endpoints.ConvertAll(WebhookView.Of);
    }

    public async Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Command("select from webhooks.endpoints where person_id = $1 order by id for update", person), // no event is fanned out to them from here on
                Command("delete from webhooks.lanes where endpoint_id in (select id from webhooks.endpoints where person_id = $1)", person),
                Command("delete from webhooks.deliveries where endpoint_id in (select id from webhooks.endpoints where person_id = $1)", person),
                Command("delete from webhooks.secrets where endpoint_id in (select id from webhooks.endpoints where person_id = $1)", person),
                Command("delete from webhooks.endpoints where person_id = $1", person),
                Command("delete from webhooks.owners where person_id = $1", person),
            },
        };
        await batch.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlBatchCommand Command(string sql, Guid person) => new(sql) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = person } } };
}
