using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Webhooks.Pages;

/// <summary><c>/portal/developers</c>: a merchant's API keys and webhooks.</summary>
public static class DevelopersPage
{
    /// <summary>What an API key may do.</summary>
    internal static readonly IReadOnlyList<string> Scopes = Florin.Identity.ApiKeys.Scopes;

    /// <summary>An API key, without the key itself.</summary>
    public sealed record Key(string Id, string Name, string Prefix, IReadOnlyList<string> Scopes, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt);

    /// <summary>What is shown.</summary>
    public sealed record Shown
    {
        /// <summary>A key or signing secret, shown this once.</summary>
        public string? Secret { get; init; }

        /// <summary>Which form is shown again, <c>key</c> or <c>webhook</c>.</summary>
        public string? Form { get; init; }

        /// <summary>What was typed.</summary>
        public IFormCollection? Typed { get; init; }

        /// <summary>Why it is shown again.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>The keys that are good.</summary>
        public IReadOnlyList<Key> Keys { get; init; } = [];

        internal IReadOnlyList<WebhookView> Webhooks { get; init; } = [];
    }

    /// <summary>A webhook.</summary>
    public sealed record One
    {
        /// <summary>Its new signing secret, shown this once.</summary>
        public string? Secret { get; init; }

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>Only deliveries of this state.</summary>
        public string? State { get; init; }

        internal WebhookView Webhook { get; init; } = null!;

        internal Page<ListDeliveries.Response> Deliveries { get; init; } = null!;
    }

    /// <summary>Its routes.</summary>
    internal static void MapWebhookPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPages("/portal/developers");
        pages.RequireAuthorization(Policies.Merchant);
        pages.MapGet("", static (PageApi api) => ShowAsync(api, new Shown()));
        pages.MapPost("/keys", MakeKeyAsync).LimitRate(RateLimit.Guessing);
        pages.MapPost("/keys/{id}/revoke", RevokeKeyAsync);
        pages.MapPost("/webhooks", MakeWebhookAsync).LimitRate(RateLimit.Guessing);
        pages.MapGet("/webhooks/{id}", static (string id, string? state, string? cursor, PageApi api) => ShowAsync(id, api, new One { State = state }, cursor));
        pages.MapPost("/webhooks/{id}/{what}", ChangeAsync);
        pages.MapPost("/webhooks/{id}/deliveries/{delivery}/replay", ReplayAsync);
    }

    private static async Task<IResult> ShowAsync(PageApi api, Shown shown)
    {
        var all = shown with
        {
            Keys = [.. (await api.GetAsync<Page<Key>>("/v1/api-keys?limit=100")).Data.Where(key => key.RevokedAt is null)],
            Webhooks = (await api.GetAsync<Page<WebhookView>>("/v1/webhooks?limit=100")).Data,
        };
        return PageAnswers.Page<Developers>(all, StatusOf(shown.Refused));
    }

    private static async Task<IResult> ShowAsync(string id, PageApi api, One shown, string? cursor)
    {
        var query = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["state"] = string.IsNullOrEmpty(shown.State) ? null : shown.State,
            ["cursor"] = cursor,
        };
        var all = shown with
        {
            Webhook = await api.GetAsync<WebhookView>(PathOf(id)),
            Deliveries = await api.GetAsync<Page<ListDeliveries.Response>>(QueryHelpers.AddQueryString(PathOf(id) + "/deliveries", query)),
        };
        return PageAnswers.Page<WebhookDetail>(all, StatusOf(shown.Refused));
    }

    private static async Task<IResult> MakeKeyAsync(IFormCollection form, PageApi api)
    {
        try
        {
            var body = new { name = form["name"].ToString(), scopes = form["scopes"].ToArray() };
            var made = await api.SendAsync<Made>("POST", "/v1/api-keys", body, form["idempotency_key"]);
            return await ShowAsync(api, new Shown { Secret = made.Key });
        }
        catch (PageRefusal refused)
        {
            return await ShowAsync(
                api,
                new Shown
                {
                    Form = "key",
                    Typed = form,
                    Refused = refused,
                }
            );
        }
    }

    private static async Task<IResult> RevokeKeyAsync(string id, PageApi api)
    {
        await api.SendAsync("DELETE", "/v1/api-keys/" + Uri.EscapeDataString(id));
        return PageAnswers.Go("/portal/developers");
    }

    private static async Task<IResult> MakeWebhookAsync(IFormCollection form, PageApi api)
    {
        try
        {
            var topics = form["events"].ToArray();
            var description = form["description"].ToString() is { Length: > 0 } text ? text : null;
            var body = new
            {
                url = form["url"].ToString().Trim(),
                events = topics.Length == 0 ? [WebhookTopics.Any] : topics,
                description,
            };
            var made = await api.SendAsync<CreateWebhook.Response>("POST", "/v1/webhooks", body, form["idempotency_key"]);
            return await ShowAsync(api, new Shown { Secret = made.Secret });
        }
        catch (PageRefusal refused)
        {
            return await ShowAsync(
                api,
                new Shown
                {
                    Form = "webhook",
                    Typed = form,
                    Refused = refused,
                }
            );
        }
    }

    private static async Task<IResult> ChangeAsync(string id, string what, IFormCollection form, PageApi api)
    {
        try
        {
            switch (what)
            {
                case "test":
                    await api.SendAsync("POST", PathOf(id) + "/test");
                    break;
                case "secret":
                    var rotated = await api.SendAsync<RotateSecret.Response>("POST", PathOf(id) + "/secret", new { }, form["idempotency_key"]);
                    return await ShowAsync(id, api, new One { Secret = rotated.Secret }, cursor: null);
                case "enable" or "disable":
                    await api.SendAsync("PATCH", PathOf(id), new { enabled = what is "enable" });
                    break;
                case "delete":
                    await api.SendAsync("DELETE", PathOf(id));
                    return PageAnswers.Go("/portal/developers");
                default:
                    throw PlatformRefusals.NotFound.With();
            }

            return PageAnswers.Go("/portal/developers/webhooks/" + id);
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, api, new One { Refused = refused }, cursor: null);
        }
    }

    private static async Task<IResult> ReplayAsync(string id, string delivery, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", $"{PathOf(id)}/deliveries/{Uri.EscapeDataString(delivery)}/replay");
            return PageAnswers.Go("/portal/developers/webhooks/" + id);
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, api, new One { Refused = refused }, cursor: null);
        }
    }

    private static string PathOf(string id) => "/v1/webhooks/" + Uri.EscapeDataString(id);

    private static int StatusOf(PageRefusal? refused) => refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity;

    private sealed record Made(string Key);
}
