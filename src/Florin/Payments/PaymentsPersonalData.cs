using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Payments;

/// <summary>What a person paid and is to pay. Payments stay, as the book does; who began an attempt is erased when it has ended by itself.</summary>
internal sealed class PaymentsPersonalData(IServiceScopeFactory scopes, PaymentViews views) : IPersonalData
{
    public string Section => "payments";

    public async Task<object> ExportAsync(Guid person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FlorinDb>();
        var payments = await ListPayments.Own(db, person, before: null).AsNoTracking().OrderBy(one => one.Id).ToListAsync(cancel);
        return payments.ConvertAll(one => views.Of(one.Fact, one.Status, payee: one.Owner == person));
    }

    public Task EraseAsync(Guid person, NpgsqlConnection connection, CancellationToken cancel) => Task.CompletedTask;
}
