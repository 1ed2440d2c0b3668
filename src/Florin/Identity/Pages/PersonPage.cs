using System.Text.Json;
using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Identity.Pages;

/// <summary><c>/admin/people/{id}</c>: one person with everything that staff may see of them, and what staff may do for them.</summary>
public static class PersonPage
{
    /// <summary>What is shown.</summary>
    public sealed record Shown
    {
        internal ShowUser.Response Person { get; init; } = null!;

        internal IReadOnlyList<ListSessions.Response> Sessions { get; init; } = [];

        /// <summary>Their wallets.</summary>
        public IReadOnlyList<Held> Wallets { get; init; } = [];

        /// <summary>The newest payments.</summary>
        public IReadOnlyList<Paid> Payments { get; init; } = [];

        /// <summary>Their shops.</summary>
        public IReadOnlyList<Owned> Shops { get; init; } = [];

        /// <summary>The newest vouchers.</summary>
        public IReadOnlyList<VoucherLine> Vouchers { get; init; } = [];

        /// <summary>The newest files.</summary>
        public IReadOnlyList<FileLine> Files { get; init; } = [];

        /// <summary>The newest of what concerns them.</summary>
        public IReadOnlyList<Act> Activity { get; init; } = [];

        /// <summary>Whether their face is enrolled, and since when; never a picture.</summary>
        public Face? FaceStatus { get; init; }

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>Whether the last action was done.</summary>
        public bool Done { get; init; }
    }

    /// <summary>A wallet.</summary>
    public sealed record Held(HeldWallet Wallet, long Account);

    /// <summary>What is shown of it.</summary>
    public sealed record HeldWallet(string Id, string Number, string Name, Amount Balance, bool Blocked, string? BlockedReason);

    /// <summary>A payment.</summary>
    public sealed record Paid(string Id, string Purpose, string State, Amount Amount, string PayeeName, DateTimeOffset CreatedAt);

    /// <summary>A shop.</summary>
    public sealed record Owned(string Id, string Name);

    /// <summary>A voucher.</summary>
    public sealed record VoucherLine(string Name, string State, int UsesLeft, DateTimeOffset ExpiresAt);

    /// <summary>A file.</summary>
    public sealed record FileLine(string Filename, string State, DateTimeOffset UploadedAt);

    /// <summary>Something that was done.</summary>
    public sealed record Act(DateTimeOffset At, string Action, string? Actor, string? Address, JsonElement Details)
    {
        /// <summary>How often in a row.</summary>
        public int Times { get; init; } = 1;
    }

    /// <summary>The status of a face.</summary>
    public sealed record Face(bool Enrolled, bool Active, string? Waiting, bool Locked, DateTimeOffset? EnrolledAt, IReadOnlyList<Amount> LeftToday);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/people/{id}", static (string id, string? done, PageApi api) => ShowAsync(id, done is not null, api, refused: null));
        foreach (var what in (string[])["freeze", "unfreeze", "unlock", "sign-out", "pin-reset", "verification"])
        {
            pages.MapPost("/people/{id}/" + what, (string id, IFormCollection form, PageApi api) => DoAsync(id, api, "POST", "/" + what, form.Reason()));
        }

        pages.MapPost("/people/{id}/face-removal", RemoveFaceAsync);
        pages.MapPost("/people/{id}/roles", RolesAsync);
        pages.MapPost("/people/{id}/verified", VerifiedAsync);
        pages.MapPost("/people/{id}/export", ExportAsync);
        pages.MapPost("/people/{id}/erase", EraseAsync);
    }

    private static string Of(string id) => "/v1/users/" + StaffForms.Part(id);

    private static async Task<IResult> ShowAsync(string id, bool done, PageApi api, PageRefusal? refused)
    {
        var person = await api.GetAsync<ShowUser.Response>(Of(id));
        var shown = new Shown
        {
            Person = person,
            Sessions = (await api.GetAsync<Page<ListSessions.Response>>(Of(id) + "/sessions")).Data,
            Wallets = (await api.GetAsync<Page<Held>>(Of(id) + "/wallets")).Data,
            Payments = (await api.GetAsync<Page<Paid>>(StaffForms.Query("/v1/payments", ("person", person.Id), ("limit", "10")))).Data,
            Shops = (await api.GetAsync<Page<Owned>>(StaffForms.Query("/v1/shops/desk", ("owner", person.Id)))).Data,
            Vouchers = (await api.GetAsync<Page<VoucherLine>>(StaffForms.Query("/v1/vouchers", ("person", person.Id), ("limit", "10")))).Data,
            Files = (await api.GetAsync<Page<FileLine>>(StaffForms.Query("/v1/files", ("person", person.Id), ("limit", "10")))).Data,
            Activity = Folded((await api.GetAsync<Page<Act>>(StaffForms.Query("/v1/activity", ("person", person.Id), ("limit", "60")))).Data),
            FaceStatus = await api.TryGetAsync<Face>(Of(id) + "/face"),
            Refused = refused,
            Done = done,
        };
        return PageAnswers.Page<PersonDetail>(shown, refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    // Whoever looks at the page again leaves a row each time, which would hide the others.
    private static List<Act> Folded(IReadOnlyList<Act> acts)
    {
        var folded = new List<Act>();
        foreach (var act in acts)
        {
            if (
                act.Action is "identity.looked_up"
                && folded is [.., { Action: "identity.looked_up" } last]
                && string.Equals(last.Actor, act.Actor, StringComparison.Ordinal)
            )
            {
                folded[^1] = last with { Times = last.Times + 1 };
            }
            else
            {
                folded.Add(act);
            }
        }

        return folded;
    }

    private static Task<IResult> RolesAsync(string id, IFormCollection form, PageApi api) =>
        DoAsync(id, api, "PATCH", "", new { roles = form["roles"].ToArray(), reason = form["reason"].ToString() });

    private static Task<IResult> VerifiedAsync(string id, IFormCollection form, PageApi api) =>
        DoAsync(id, api, "PATCH", "", new { is_verified = form["verified"].ToString() is "true", reason = form["reason"].ToString() });

    private static Task<IResult> EraseAsync(string id, IFormCollection form, PageApi api) =>
        DoAsync(id, api, "DELETE", StaffForms.Query("", ("reason", form["reason"])), body: null, "/admin/people");

    private static async Task<IResult> ExportAsync(string id, IFormCollection form, HttpContext http, PageApi api)
    {
        try
        {
            var file = await api.SendAsync("POST", Of(id) + "/export", form.Reason());
            http.Response.Headers.CacheControl = "private, no-store";
            return Results.File(file.Body, "application/json", $"florin-export-{id}.json");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, done: false, api, refused);
        }
    }

    private static Task<IResult> RemoveFaceAsync(string id, IFormCollection form, PageApi api) =>
        CallAsync(id, api, "DELETE", "/v1/biometrics/faces/" + StaffForms.Part(id), new { why = form["reason"].ToString() });

    private static Task<IResult> DoAsync(string id, PageApi api, string method, string what, object? body, string? then = null) =>
        CallAsync(id, api, method, Of(id) + what, body, then);

    private static async Task<IResult> CallAsync(string id, PageApi api, string method, string path, object? body, string? then = null)
    {
        try
        {
            await api.SendAsync(method, path, body);
            return PageAnswers.Go(then ?? $"/admin/people/{id}?done=1");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, done: false, api, refused);
        }
    }
}
