using Florin.Activity;
using Florin.Platform;

namespace Florin.Payments;

/// <summary>
/// Asks gateways what became of attempts: by schedule (10 s after the last time, doubled up to 10 minutes), so that a lost callback or an ambiguous
/// answer never leaves a payment in between for ever, and when staff want to know now.
/// </summary>
internal static class AskGateways
{
    /// <summary>Every 5 seconds.</summary>
    public static readonly RecurringJob Job = new("payments.ask_gateways", "0/5 * * * * ?", RunAsync);

    private const int Page = 100;

    public static void Map(RouteGroupBuilder payments) =>
        payments.MapPost("/{id}/inquiries", HandleAsync).RequireAuthorization(Policies.Support).Produces<PaymentView>();

    /// <summary>Asks for all attempts that are due.</summary>
    public static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        var rows = services.GetRequiredService<AttemptRows>();
        var settlement = services.GetRequiredService<Settlement>();
        List<Guid> due;
        do
        {
            due = await rows.ClaimDueAsync(Page, cancel);
            await Parallel.ForEachAsync(
                due,
                new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel },
                async (attempt, stop) => await settlement.AskAsync(attempt, stop)
            );
        } while (due.Count == Page);
    }

    private static async Task<IResult> HandleAsync(
        string id,
        HttpContext http,
        PaymentFacts facts,
        AttemptRows rows,
        Settlement settlement,
        PaymentViews views,
        Database database,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var payment = await facts.NowAsync(Ids.Read(PaymentFact.Prefix, id), cancel);
        foreach (var attempt in await rows.MayCaptureAsync(payment.Id, cancel))
        {
            await settlement.AskAsync(attempt.Id, cancel);
        }

        await using (var batch = database.Source.CreateBatch())
        {
            batch.BatchCommands.Add(
                ActivityLog.Row(activity.Entry(http, "payments.gateway_asked", payment.PaidBy ?? payment.Owner, new { payment = id })).Command()
            );
            await batch.ExecuteNonQueryAsync(cancel);
        }

        var now = await facts.NowAsync(payment.Id, cancel);
        return Results.Json(views.Of(now.Fact, now.Status, payee: true), Wire.Json);
    }
}
