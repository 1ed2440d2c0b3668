using Florin.Activity;
using Florin.Platform;

namespace Florin.Identity;

/// <summary>Everything that Florin keeps of the person, module by module, as one JSON file.</summary>
internal static class ExportMe
{
    internal static void Map(RouteGroupBuilder me) => me.MapGet("/export", HandleAsync).LimitRate(RateLimit.Guessing);

    private static async Task<IResult> HandleAsync(
        Caller caller,
        HttpContext http,
        FlorinDb db,
        IEnumerable<IPersonalData> modules,
        TimeProvider clock,
        ActivityLog activity,
        CancellationToken cancel
    )
    {
        db.Add(activity.Entry(http, "identity.exported"));
        await db.SaveChangesAsync(cancel);
        return await FileAsync(http, caller.Person, modules, clock, cancel);
    }

    /// <summary>The file, streamed. Who gets it was noted before.</summary>
    internal static async Task<IResult> FileAsync(
        HttpContext http,
        Guid person,
        IEnumerable<IPersonalData> modules,
        TimeProvider clock,
        CancellationToken cancel
    )
    {
        var export = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["exported_at"] = clock.GetUtcNow(),
            ["person"] = Ids.Show(Person.Prefix, person),
        };
        foreach (var module in modules)
        {
            export[module.Section] = await module.ExportAsync(person, cancel);
        }

        http.Response.Headers.ContentDisposition = "attachment; filename=florin-export.json";
        http.Response.Headers.CacheControl = "private, no-store";
        return Results.Json(export, Wire.Json);
    }
}
