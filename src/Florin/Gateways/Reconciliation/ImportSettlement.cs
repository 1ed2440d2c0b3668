using System.Security.Cryptography;
using System.Text.Json;
using Florin.Activity;
using Florin.Gateways.AamarPay;
using Florin.Gateways.Sandbox;
using Florin.Gateways.Stripe;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Gateways.Reconciliation;

/// <summary>A file that was imported, as staff see it.</summary>
/// <param name="Id"><c>stl_…</c></param>
/// <param name="Gateway">Whose.</param>
/// <param name="Name">The file's.</param>
/// <param name="FromAt">Its first movement.</param>
/// <param name="ToAt">Its last movement.</param>
/// <param name="Lines">How many movements.</param>
/// <param name="Matched">Of which gateway, payment and ledger say the same.</param>
/// <param name="Repeated">Which another file had as well.</param>
/// <param name="Exceptions">What this import found to look at.</param>
/// <param name="Totals">Sums by currency, in minor units.</param>
/// <param name="ImportedBy"><c>usr_…</c></param>
/// <param name="ImportedAt">When.</param>
public sealed record SettlementView(
    string Id,
    string Gateway,
    string Name,
    DateTimeOffset FromAt,
    DateTimeOffset ToAt,
    int Lines,
    int Matched,
    int Repeated,
    int Exceptions,
    IReadOnlyDictionary<string, SettlementTotals> Totals,
    string ImportedBy,
    DateTimeOffset ImportedAt
)
{
    internal static SettlementView Of(ImportedSettlement row) =>
        new(
            Ids.Show(ImportedSettlement.Prefix, row.Id),
            row.Gateway,
            row.Name,
            row.FromAt,
            row.ToAt,
            row.Lines,
            row.Matched,
            row.Repeated,
            row.Exceptions,
            JsonSerializer.Deserialize<Dictionary<string, SettlementTotals>>(row.Totals, Wire.Json)!,
            Ids.Show("usr", row.ImportedBy),
            row.ImportedAt
        );
}

/// <summary>
/// <c>POST /v1/reconciliation/settlements?gateway=stripe&amp;name=…</c>: finance imports a gateway's own account as CSV. Each content is kept once, so that
/// it may be sent again; no payment and no posting is changed by it.
/// </summary>
internal static class ImportSettlement
{
    internal static void Map(RouteGroupBuilder reconciliation) =>
        reconciliation
            .MapPost("/settlements", HandleAsync)
            .RequireAuthorization(Policies.Finance)
            .LimitBody(SettlementFile.MostBytes)
            .LimitRate(RateLimit.Money)
            .Accepts<string>("text/csv")
            .Produces<SettlementView>()
            .Produces<SettlementView>(201);

    /// <summary>The format of a gateway's file. The sandbox's is Stripe's.</summary>
    private static SettlementFormat? FormatOf(string gateway, bool sandbox) =>
        gateway switch
        {
            StripeGateway.MethodName => SettlementFormat.Stripe,
            AamarPayGateway.MethodName => SettlementFormat.AamarPay,
            SandboxGateway.MethodName when sandbox => SettlementFormat.Stripe,
            _ => null,
        };

    private static async Task<IResult> HandleAsync(
        string gateway,
        string name,
        Caller caller,
        HttpContext http,
        Settings settings,
        SettlementImport import,
        FlorinDb db,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        var format = FormatOf(gateway, settings.Sandbox) ?? throw PlatformRefusals.InvalidRequest.Field("gateway", "must be one of stripe, aamarpay");
        if (name.Trim() is not { Length: > 0 and <= 200 } shown || shown.Any(char.IsControl))
        {
            throw PlatformRefusals.InvalidRequest.Field("name", "must have 1 to 200 characters");
        }

        var content = await RawBody.ReadAsync(http.Request, cancel);
        var lines = SettlementFile.Read(content, format);
        var (id, fresh) = await import.KeepAsync(
            gateway,
            shown,
            SHA256.HashData(content),
            lines,
            caller.Person,
            kept =>
                activity.Entry(
                    http,
                    "reconciliation.settlement_imported",
                    details: new
                    {
                        settlement = Ids.Show(ImportedSettlement.Prefix, kept.Id),
                        kept.Gateway,
                        kept.Lines,
                        kept.Exceptions,
                    }
                ),
            cancel
        );
        var view = SettlementView.Of(await db.Settlements.AsNoTracking().SingleAsync(one => one.Id == id, cancel));
        return fresh ? TypedResults.Created($"/v1/reconciliation/settlements/{view.Id}", view) : TypedResults.Ok(view);
    }
}
