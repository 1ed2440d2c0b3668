using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Gateways.Reconciliation.Pages;

/// <summary><c>/admin/reconciliation</c>: gateways' files, what was found in them, and what is still to be looked at.</summary>
public static class ReconciliationPages
{
    private const string Root = "/admin/reconciliation";
    private const long Overhead = 64 * 1024; // of a form around its file

    /// <summary>What the first page shows.</summary>
    public sealed record Shown
    {
        /// <summary>Whether the reader may import and resolve.</summary>
        public bool MayChange { get; init; }

        /// <summary>Why a file was not taken.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>The gateways whose files are read.</summary>
        public IReadOnlyList<string> Gateways { get; init; } = [];

        /// <summary>The files, newest first.</summary>
        public Page<SettlementView> Settlements { get; init; } = null!;

        /// <summary>What is open.</summary>
        public Page<ExceptionView> Exceptions { get; init; } = null!;

        /// <summary>Which exception was not resolved.</summary>
        public string? NotResolved { get; init; }
    }

    /// <summary>One file.</summary>
    public sealed record One
    {
        /// <summary>It.</summary>
        public SettlementView Settlement { get; init; } = null!;

        /// <summary>What was found with it.</summary>
        public IReadOnlyList<ExceptionView> Exceptions { get; init; } = [];

        internal ListSettlements.Lines Lines { get; init; } = null!;
    }

    /// <summary>A sum of a file.</summary>
    public static Amount Sum(long minor, string currency) => new(minor, Currency.Of(currency));

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("", static (PageContext page, PageApi api) => ShowAsync(page, api, new Shown()));
        pages
            .MapPost("", ImportAsync)
            .LimitBody(SettlementFile.MostBytes + Overhead)
            .WithFormOptions(multipartBodyLengthLimit: SettlementFile.MostBytes + Overhead)
            .LimitRate(RateLimit.Money);
        pages.MapGet("/{id}", ShowOneAsync);
        pages.MapPost("/exceptions/{id}/resolve", ResolveAsync);
    }

    private static async Task<IResult> ShowAsync(PageContext page, PageApi api, Shown shown)
    {
        var all = shown with
        {
            MayChange = page.Caller?.Is(Roles.Finance) is true,
            Gateways = page.Sandbox ? ["stripe", "aamarpay", "sandbox"] : ["stripe", "aamarpay"],
            Settlements = await api.GetAsync<Page<SettlementView>>("/v1/reconciliation/settlements?limit=50"),
            Exceptions = await api.GetAsync<Page<ExceptionView>>("/v1/reconciliation/exceptions?state=open&limit=100"),
        };
        return PageAnswers.Page<ReconciliationView>(all, shown.Refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> ImportAsync(IFormCollection form, PageContext page, PageApi api)
    {
        try
        {
            if (form.Files is not [{ Length: > 0 } file])
            {
                throw PageRefusal.Of("file", "Choose a file first.");
            }

            var query = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["gateway"] = form["gateway"],
                ["name"] = Path.GetFileName(file.FileName) is { Length: > 0 } name ? name : "file",
            };
            await using var content = file.OpenReadStream();
            var answer = await api.SendAsync("POST", QueryHelpers.AddQueryString("/v1/reconciliation/settlements", query), content, "text/csv", key: null);
            return PageAnswers.Go($"{Root}/{answer.Read<SettlementView>().Id}");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status403Forbidden)
        {
            return await ShowAsync(page, api, new Shown { Refused = refused });
        }
    }

    private static async Task<IResult> ShowOneAsync(string id, int? after, PageApi api)
    {
        var path = "/v1/reconciliation/settlements/" + Uri.EscapeDataString(id);
        return PageAnswers.Page<SettlementPage>(
            new One
            {
                Settlement = await api.GetAsync<SettlementView>(path),
                Exceptions = (await api.GetAsync<Page<ExceptionView>>($"/v1/reconciliation/exceptions?limit=100&settlement={Uri.EscapeDataString(id)}")).Data,
                Lines = await api.GetAsync<ListSettlements.Lines>(path + "/lines" + (after is null ? "" : $"?after={after}")),
            }
        );
    }

    private static async Task<IResult> ResolveAsync(string id, IFormCollection form, PageContext page, PageApi api)
    {
        try
        {
            var body = new { reason = form["reason"].ToString().Trim() };
            await api.SendAsync("POST", $"/v1/reconciliation/exceptions/{Uri.EscapeDataString(id)}/resolve", body);
            return PageAnswers.Go(Root);
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status403Forbidden)
        {
            return await ShowAsync(page, api, new Shown { Refused = refused, NotResolved = id });
        }
    }
}
