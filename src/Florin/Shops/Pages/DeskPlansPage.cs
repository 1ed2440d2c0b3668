using System.Globalization;
using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary><c>/admin/plans</c>: what the house takes of sales. A change is shown on the last 30 days before it is made.</summary>
public static class DeskPlansPage
{
    /// <summary>The plans.</summary>
    public sealed record Shown
    {
        internal IReadOnlyList<SetPlan.Response> Plans { get; init; } = [];

        internal PreviewPlan.Response? Preview { get; init; }

        /// <summary>The form as it was typed.</summary>
        public IReadOnlyDictionary<string, string> Typed { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>Whether the last action was done.</summary>
        public bool Done { get; init; }
    }

    private static readonly string[] Fields = ["name", "percent", "fixed", "reason"];

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/plans", static (string? done, PageApi api) => ShowAsync(api, null, null, null, done is not null));
        pages.MapPost("/plans/preview", PreviewAsync);
        pages.MapPost("/plans/set", SetAsync);
    }

    private static async Task<IResult> ShowAsync(PageApi api, IFormCollection? form, PreviewPlan.Response? preview, PageRefusal? refused, bool done) =>
        PageAnswers.Page<DeskPlans>(
            new Shown
            {
                Plans = (await api.GetAsync<Page<SetPlan.Response>>("/v1/shop-plans")).Data,
                Preview = preview,
                Typed = Fields.ToDictionary(name => name, name => form?[name].ToString() ?? "", StringComparer.Ordinal),
                Refused = refused,
                Done = done,
            },
            refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );

    private static async Task<IResult> PreviewAsync(IFormCollection form, PageApi api)
    {
        try
        {
            return await ShowAsync(api, form, await api.SendAsync<PreviewPlan.Response>("POST", Of(form) + "/preview", Body(form)), null, done: false);
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(api, form, null, refused, done: false);
        }
    }

    private static async Task<IResult> SetAsync(IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("PUT", Of(form), Body(form));
            return PageAnswers.Go("/admin/plans?done=1");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(api, form, null, refused, done: false);
        }
    }

    private static string Of(IFormCollection form) => "/v1/shop-plans/" + StaffForms.Part(form.Given("name") ?? "-");

    // Per cent with two digits, and sums such as "0.10 USD, 50 KZT".
    private static object Body(IFormCollection form)
    {
        if (
            !decimal.TryParse((form.Given("percent") ?? "").Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            || percent * 100 != decimal.Truncate(percent * 100)
            || percent > 100
        )
        {
            throw PageRefusal.Of("percent", "must be a number with at most two digits after the point");
        }

        var sums = (form.Given("fixed") ?? "")
            .Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(sum =>
                sum.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var amount, var code] && Currency.TryParse(code, out var currency)
                    ? TypedAmount.Read(amount, currency)
                    : throw PageRefusal.Of("fixed", "must be sums such as 0.10 USD; 50 KZT")
            )
            .ToList();
        return new
        {
            PercentBps = (int)(percent * 100),
            Fixed = sums,
            Reason = form.Given("reason"),
        };
    }
}
