using Florin.Gateways;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Admin.Operations.Pages;

/// <summary><c>/admin/operations</c>: health, jobs, queues, the gateways' inbox and the settings in force.</summary>
public static class OperationsPages
{
    private const string Root = "/admin/operations";

    /// <summary>An endpoint of a merchant's webhooks.</summary>
    public sealed record Webhook(
        string Id,
        string Host,
        bool Enabled,
        string? DisabledReason,
        DateTimeOffset? FailingSince,
        int Pending,
        int Dead,
        string? LastError
    );

    /// <summary>What the page of health shows.</summary>
    public sealed record HealthShown
    {
        internal ShowHealth.Response Health { get; init; } = null!;
    }

    /// <summary>What the page of jobs shows.</summary>
    public sealed record JobsShown(IReadOnlyList<JobView> Jobs, bool MayRun, bool Done);

    /// <summary>What the page of queues shows.</summary>
    public sealed record QueuesShown(bool MayReplay)
    {
        /// <summary>Why something was not sent again.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>Whether something is sent again.</summary>
        public bool Done { get; init; }

        /// <summary>Endpoints that fail or are switched off.</summary>
        public Page<Webhook> Webhooks { get; init; } = null!;

        internal ShowOutbox.Response Outbox { get; init; } = null!;
    }

    /// <summary>What the page of the inbox shows.</summary>
    public sealed record InboxShown(Page<CallbackView> Callbacks, string? Outcome);

    /// <summary>One callback.</summary>
    /// <param name="Callback">As in the list.</param>
    /// <param name="Headers">The headers that were kept.</param>
    /// <param name="Body">The body as it came.</param>
    public sealed record CallbackShown(CallbackView Callback, IReadOnlyDictionary<string, string> Headers, string Body)
    {
        /// <summary>Whether the reader may have it handled.</summary>
        public bool MayReplay { get; init; }

        /// <summary>Why it was not.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>What was typed.</summary>
        public IFormCollection? Typed { get; init; }
    }

    /// <summary>What the page of settings shows.</summary>
    public sealed record SettingsShown(IReadOnlyList<SettingView> Data);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet(
            "",
            async (PageApi api) => PageAnswers.Page<HealthPage>(new HealthShown { Health = await api.GetAsync<ShowHealth.Response>("/v1/operations/health") })
        );
        pages.MapGet("/jobs", ShowJobsAsync);
        pages.MapPost("/jobs/{name}/run", RunJobAsync);
        pages.MapGet(
            "/queues",
            static (bool? done, PageContext page, PageApi api) => ShowQueuesAsync(api, new QueuesShown(MaySupport(page)) { Done = done is true })
        );
        pages.MapPost("/outbox/{consumer}/{position}/replay", ReplayEventAsync);
        pages.MapPost("/webhooks/{id}/replay", ReplayWebhookAsync);
        pages.MapGet("/callbacks", ShowInboxAsync);
        pages.MapGet("/callbacks/{id}", static (string id, PageContext page, PageApi api) => ShowCallbackAsync(id, page, api, null, null));
        pages.MapPost("/callbacks/{id}/{what}", ChangeCallbackAsync);
        pages.MapGet("/settings", async (PageApi api) => PageAnswers.Page<SettingsPage>(await api.GetAsync<SettingsShown>("/v1/operations/settings")));
    }

    private static bool MaySupport(PageContext page) => page.Caller is { } caller && (caller.Is(Roles.Support) || caller.Is(Roles.Admin));

    private static async Task<IResult> ShowJobsAsync(bool? done, PageContext page, PageApi api)
    {
        var jobs = await api.GetAsync<ListJobs.Response>("/v1/operations/jobs");
        return PageAnswers.Page<JobsPage>(new JobsShown(jobs.Data, page.Caller?.Is(Roles.Admin) is true, done is true));
    }

    private static async Task<IResult> RunJobAsync(string name, PageApi api)
    {
        await api.SendAsync("POST", $"/v1/operations/jobs/{Uri.EscapeDataString(name)}/run");
        return PageAnswers.Go(Root + "/jobs?done=true");
    }

    private static async Task<IResult> ShowQueuesAsync(PageApi api, QueuesShown shown)
    {
        var all = shown with
        {
            Outbox = await api.GetAsync<ShowOutbox.Response>("/v1/operations/outbox"),
            Webhooks = await api.GetAsync<Page<Webhook>>("/v1/operations/webhooks?failing=true&limit=100"),
        };
        return PageAnswers.Page<QueuesPage>(all, shown.Refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static Task<IResult> ReplayEventAsync(string consumer, string position, PageContext page, PageApi api) =>
        ReplayAsync($"/v1/operations/outbox/{Uri.EscapeDataString(consumer)}/{Uri.EscapeDataString(position)}/replay", page, api);

    private static Task<IResult> ReplayWebhookAsync(string id, PageContext page, PageApi api) =>
        ReplayAsync($"/v1/operations/webhooks/{Uri.EscapeDataString(id)}/replay", page, api);

    private static async Task<IResult> ReplayAsync(string path, PageContext page, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", path);
            return PageAnswers.Go(Root + "/queues?done=true");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status403Forbidden)
        {
            return await ShowQueuesAsync(api, new QueuesShown(MaySupport(page)) { Refused = refused });
        }
    }

    private static async Task<IResult> ShowInboxAsync(string? outcome, string? cursor, PageApi api)
    {
        var query = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["outcome"] = string.IsNullOrEmpty(outcome) ? null : outcome,
            ["cursor"] = string.IsNullOrEmpty(cursor) ? null : cursor,
        };
        var callbacks = await api.GetAsync<Page<CallbackView>>(QueryHelpers.AddQueryString("/v1/gateways/callbacks", query));
        return PageAnswers.Page<InboxPage>(new InboxShown(callbacks, outcome));
    }

    private static async Task<IResult> ShowCallbackAsync(string id, PageContext page, PageApi api, PageRefusal? refused, IFormCollection? typed)
    {
        var shown = await api.GetAsync<CallbackShown>("/v1/gateways/callbacks/" + Uri.EscapeDataString(id));
        return PageAnswers.Page<CallbackPage>(
            shown with
            {
                MayReplay = MaySupport(page),
                Refused = refused,
                Typed = typed,
            },
            refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );
    }

    private static async Task<IResult> ChangeCallbackAsync(string id, string what, IFormCollection form, PageContext page, PageApi api)
    {
        var path = $"/v1/gateways/callbacks/{Uri.EscapeDataString(id)}/";
        try
        {
            if (what is "match")
            {
                await api.SendAsync("POST", path + "match", new { payment = form["payment"].ToString().Trim(), reason = form["reason"].ToString().Trim() });
            }
            else
            {
                await api.SendAsync("POST", path + "replay");
            }

            return PageAnswers.Go($"{Root}/callbacks/{Uri.EscapeDataString(id)}");
        }
        catch (PageRefusal refused) when (what is "match" && refused.Status is not StatusCodes.Status403Forbidden)
        {
            return await ShowCallbackAsync(id, page, api, refused, form);
        }
    }
}
