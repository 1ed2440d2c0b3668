using System.Text.Json;
using Florin.Files;
using Florin.Payments;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;

namespace Florin.Compat.PaymentFiles;

/// <summary><c>GET /api/activity/</c>: uploads, counts and payments for them; one's own, for staff everybody's. Everything else is at <c>/v1</c>.</summary>
internal static class ListActions
{
    private static readonly string[] Shown = ["files.uploaded", "files.completed", "files.failed", "files.credits_bought"];

    private sealed record Row(string Id, string Action, string? Subject, DateTimeOffset At, JsonElement Details);

    /// <summary>What somebody did.</summary>
    internal sealed record Response(Guid ActivityId, long? User, string Action, Dictionary<string, object?> Metadata, string Timestamp);

    internal static void Map(RouteGroupBuilder api) => api.MapGet("/activity", HandleAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Costly);

    private static async Task<IResult> HandleAsync(Caller caller, EdgeApi api, FileDesk files, FlorinDb db, CancellationToken cancel) =>
        Results.Json(await ReadAsync(caller, api, files, db, cancel), Wire.Json);

    /// <summary>The newest, as far as the caller may see them.</summary>
    public static async Task<List<Response>> ReadAsync(Caller caller, EdgeApi api, FileDesk files, FlorinDb db, CancellationToken cancel)
    {
        var rows = await RowsAsync(caller, api);
        var known = await files.FindAsync([.. rows.Select(FileOf).OfType<Guid>()], cancel);
        var bought = rows.Exists(row => row.Action is "files.credits_bought")
            ? await api.NewestAsync<PaymentView>("/v1/payments?purpose=file_credit" + (caller.IsStaff ? "&all=true" : ""))
            : [];
        var payments = bought.ToDictionary(one => one.Id, StringComparer.Ordinal);
        var owners = rows.Select(one => PersonOf(one)).OfType<Guid>().Distinct().ToList();
        var numbers = await db.People.AsNoTracking().Where(one => owners.Contains(one.Id)).ToDictionaryAsync(one => one.Id, one => one.Number, cancel);
        return rows.ConvertAll(row =>
        {
            var (action, metadata) = Words(row, FileOf(row) is { } file ? known.GetValueOrDefault(file) : null, payments);
            long? user = PersonOf(row) is { } person && numbers.TryGetValue(person, out var number) ? number : null;
            return new Response(Ids.Read("act", row.Id), user, action, metadata, EdgeFormats.Time(row.At));
        });
    }

    private static async Task<List<Row>> RowsAsync(Caller caller, EdgeApi api)
    {
        if (!caller.IsStaff)
        {
            return (await api.NewestAsync<Row>("/v1/me/activity")).FindAll(row => Shown.Contains(row.Action, StringComparer.Ordinal));
        }

        var rows = new List<Row>();
        foreach (var action in Shown)
        {
            rows.AddRange(await api.NewestAsync<Row>("/v1/activity?action=" + action));
        }

        return [.. rows.OrderByDescending(row => row.At).Take(EdgeApi.MostRows)];
    }

    private static (string Action, Dictionary<string, object?> Metadata) Words(Row row, FileRow? file, Dictionary<string, PaymentView> payments)
    {
        var metadata = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (row.Action is "files.credits_bought")
        {
            var payment = row.Details.GetProperty("payment").GetString()!;
            metadata["tranasction_id"] = FilePayments.NumberOf(Ids.Read(PaymentFact.Prefix, payment)); // its spelling
            metadata["payment_status"] = "Successful";
            metadata["amount"] = payments.TryGetValue(payment, out var view) ? EdgeFormats.Number(view.Amount) : null;
            return ("payment", metadata);
        }

        metadata["filename"] = file?.Filename;
        if (row.Action is "files.uploaded")
        {
            return ("file_uploaded", metadata);
        }

        metadata["word_count"] = file?.WordCount;
        metadata["status"] = row.Action is "files.completed" ? "COMPLETED" : "FAILED";
        return ("word_count", metadata);
    }

    private static Guid? FileOf(Row row) =>
        row.Details.ValueKind == JsonValueKind.Object && row.Details.TryGetProperty("file", out var file) && Ids.TryRead("fil", file.GetString(), out var id)
            ? id
            : null;

    private static Guid? PersonOf(Row row) => Ids.TryRead("usr", row.Subject, out var id) ? id : null;
}
