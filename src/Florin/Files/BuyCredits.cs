using System.Text.Json;
using Florin.Activity;
using Florin.Ledger;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Npgsql;

namespace Florin.Files;

/// <summary>
/// Purpose <c>file_credit</c>: the payment buys credits of one file service for whoever asked. What it brings stands in the file credit liability until a
/// credit is spent, which makes it revenue, or paid back. Credits are paid back whole, at what they cost, and only free ones.
/// </summary>
internal sealed class BuyCredits(FileWorks works, HouseAccounts house, Database database, ActivityLog activity, TimeProvider clock) : IFulfilment
{
    /// <summary>The purpose's name.</summary>
    public const string Name = "file_credit";

    public string Purpose => Name;

    public string PostingKind => Name;

    public async Task<PaymentTerms> PrepareAsync(PaymentOrder order, CancellationToken cancel)
    {
        var service = works.Named(Member(order, "service", JsonValueKind.String)?.GetString() ?? WordCount.WorkName);
        var currency = Member(order, "currency", JsonValueKind.String)?.GetString() ?? order.Amount?.Currency.Code;
        var price = works.PriceOf(service, currency);
        var quantity = Quantity(order);
        var amount = new Amount(checked(price.Minor * quantity), price.Currency);
        if (order.Amount is { } named && named != amount)
        {
            throw FilesRefusals.FilePriceDiffers.With($"{amount}");
        }

        // The house is paid: no person answers for it, and the credits are the caller's.
        return new PaymentTerms(
            amount,
            PaymentFact.House,
            order.Caller,
            $"{quantity} × {service.Title}",
            await house.IdAsync(HouseAccount.FileCreditLiability, amount.Currency, cancel)
        )
        {
            Subject = new CreditSubject(service.Name, quantity, price).Write(),
        };
    }

    public Task<Action<LedgerOutcome>?> DeliverAsync(PaymentFact payment, Guid? payer, LedgerCommit commit, CancellationToken cancel)
    {
        var bought = CreditSubject.Of(payment.Subject);
        var lot = new CreditLot
        {
            PaymentId = payment.Id,
            PersonId = payment.Payee,
            Service = bought.Service,
            Price = bought.UnitPrice.Minor,
            Currency = bought.UnitPrice.Currency.Code,
            Bought = bought.Quantity,
            Available = bought.Quantity,
            BoughtAt = clock.GetUtcNow(),
        };
        commit.Inserts.Add(CreditLot.Shape.Row(lot));
        Tell(commit, payment, "files.credits_bought", bought.Quantity);
        return Task.FromResult<Action<LedgerOutcome>?>(null);
    }

    public async Task<long?> RefundableAsync(PaymentFact payment, CancellationToken cancel) =>
        await FreeAsync(payment, cancel) * CreditSubject.Of(payment.Subject).UnitPrice.Minor;

    // Looked at before too: the book would be the first to decline, and would say that money is short.
    public async Task TakeBackAsync(PaymentFact payment, RefundPart part, LedgerCommit commit, CancellationToken cancel)
    {
        var count = CountOf(payment, part.Amount);
        if (await FreeAsync(payment, cancel) < count)
        {
            throw FilesRefusals.FileCreditsUsed.With();
        }

        commit.Rows.Add(CreditLot.Refund(payment.Id, count));
        Tell(commit, payment, "files.credits_refunded", count);
    }

    public Task GiveAgainAsync(PaymentFact payment, RefundPart part, LedgerCommit commit, CancellationToken cancel)
    {
        var count = CountOf(payment, part.Amount);
        commit.Rows.Add(CreditLot.GiveAgain(payment.Id, count));
        Tell(commit, payment, "files.credits_bought", count);
        return Task.CompletedTask;
    }

    // Whoever bought them sees the payment; paying back is the house's decision.
    public ValueTask<PayeeRole> RoleOfAsync(Guid person, PaymentFact payment, CancellationToken cancel) =>
        ValueTask.FromResult(person == payment.Payee ? PayeeRole.Viewer : PayeeRole.None);

    private async Task<int> FreeAsync(PaymentFact payment, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand("select available from files.credit_lots where payment_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = payment.Id });
        return await command.ExecuteScalarAsync(cancel) is int available ? available : 0;
    }

    private void Tell(LedgerCommit commit, PaymentFact payment, string topic, int count)
    {
        var what = new
        {
            payment = payment.PublicId,
            CreditSubject.Of(payment.Subject).Service,
            credits = count,
        };
        commit.Inserts.Add(Outbox.Row(new OutboxEvent(topic, payment.Id, JsonSerializer.Serialize(what, Wire.Json), [payment.Payee])));
        commit.Inserts.Add(ActivityLog.Row(activity.Entry(topic, payment.Payee, what)));
    }

    private static int CountOf(PaymentFact payment, Amount amount)
    {
        var price = CreditSubject.Of(payment.Subject).UnitPrice.Minor;
        return amount.Minor % price == 0 ? checked((int)(amount.Minor / price)) : throw FilesRefusals.FileCreditsWhole.With();
    }

    private static int Quantity(PaymentOrder order)
    {
        var given = Member(order, "quantity", JsonValueKind.Number);
        return given is null ? 1
            : given.Value.TryGetInt32(out var quantity) && quantity is >= 1 and <= CreditLot.Most ? quantity
            : throw PlatformRefusals.InvalidRequest.Field("subject.quantity", $"must be from 1 to {CreditLot.Most}");
    }

    private static JsonElement? Member(PaymentOrder order, string name, JsonValueKind kind) =>
        order.Subject is not { ValueKind: JsonValueKind.Object } subject
        || !subject.TryGetProperty(name, out var value)
        || value.ValueKind == JsonValueKind.Null
            ? null
        : value.ValueKind == kind ? value
        : throw PlatformRefusals.InvalidRequest.Field("subject." + name, kind == JsonValueKind.Number ? "must be a number" : "must be a text");
}
