using System.Text.Json;
using Florin.Files;
using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Compat.PaymentFiles;

/// <summary><c>/api/dashboard/</c>: uploads, what was done with them, and what was paid for them; read only, for staff.</summary>
public static class DashboardPage
{
    private const int Shown = 100;

    /// <summary>What the page shows: the newest hundred of each.</summary>
    public sealed record Facts
    {
        internal IReadOnlyList<FileRow> Files { get; init; } = [];

        internal IReadOnlyList<ListActions.Response> Actions { get; init; } = [];

        internal IReadOnlyList<ListGatewayPayments.Response> Payments { get; init; } = [];

        /// <summary>What is particular to an action, in words.</summary>
        internal static string Words(ListActions.Response action) => JsonSerializer.Serialize(action.Metadata, Wire.Json);
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/dashboard", ShowAsync);

    private static async Task<IResult> ShowAsync(
        Caller caller,
        EdgeApi api,
        FileDesk files,
        PaymentReferences references,
        FlorinDb db,
        CancellationToken cancel
    )
    {
        var facts = new Facts
        {
            Files = await files.NewestAsync(null, Shown, cancel),
            Actions = [.. (await ListActions.ReadAsync(caller, api, files, db, cancel)).Take(Shown)],
            Payments = [.. (await ListGatewayPayments.ReadAsync(api, references, db, cancel)).Take(Shown)],
        };
        return PageAnswers.Page<Dashboard>(facts);
    }
}
