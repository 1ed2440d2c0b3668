using System.Globalization;
using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Admin.Pages;

/// <summary><c>/admin/adjustments</c>: money moved by hand under four eyes.</summary>
public static class AdjustmentsPage
{
    /// <summary>The list, and the form to propose one.</summary>
    public sealed record Shown(Page<AdjustmentView> Adjustments)
    {
        /// <summary>The form as it was typed.</summary>
        public IReadOnlyDictionary<string, string> Typed { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>The key of the form that is shown again.</summary>
        public string? Key { get; init; }

        /// <summary>Whether the last action was done.</summary>
        public bool Done { get; init; }
    }

    private static readonly string[] Fields = ["from", "to", "amount", "currency", "reason"];

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/adjustments", static (string? cursor, string? done, PageApi api) => ShowAsync(cursor, done is not null, api, null, null));
        pages.MapPost("/adjustments", ProposeAsync);
        pages.MapPost("/adjustments/{id}/approve", ApproveAsync);
        pages.MapPost("/adjustments/{id}/reject", RejectAsync);
    }

    private static async Task<IResult> ShowAsync(string? cursor, bool done, PageApi api, PageRefusal? refused, IFormCollection? form) =>
        PageAnswers.Page<AdjustmentsView>(
            new Shown(await api.GetAsync<Page<AdjustmentView>>(StaffForms.Query("/v1/adjustments", ("limit", "30"), ("cursor", cursor))))
            {
                Refused = refused,
                Done = done,
                Typed = Fields.ToDictionary(name => name, name => form?[name].ToString() ?? "", StringComparer.Ordinal),
                Key = refused is { Status: StatusCodes.Status503ServiceUnavailable } ? form?.FormKey() : null,
            },
            refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );

    private static Task<IResult> ProposeAsync(IFormCollection form, PageApi api)
    {
        var currency = form["currency"].ToString();
        object amount = Currency.TryParse(currency, out var known)
            ? TypedAmount.Read(form["amount"], known)
            : new { amount = form["amount"].ToString(), currency };
        _ = long.TryParse(form["from"], NumberStyles.None, CultureInfo.InvariantCulture, out var from);
        _ = long.TryParse(form["to"], NumberStyles.None, CultureInfo.InvariantCulture, out var to);
        return DoAsync(
            form,
            api,
            "/v1/adjustments",
            new
            {
                from,
                to,
                amount,
                reason = form["reason"].ToString(),
            }
        );
    }

    private static Task<IResult> ApproveAsync(string id, IFormCollection form, PageApi api) =>
        DoAsync(form, api, $"/v1/adjustments/{StaffForms.Part(id)}/approve", new { password = form.Given("password") });

    private static Task<IResult> RejectAsync(string id, IFormCollection form, PageApi api) =>
        DoAsync(form, api, $"/v1/adjustments/{StaffForms.Part(id)}/reject", new { note = form["note"].ToString() });

    private static async Task<IResult> DoAsync(IFormCollection form, PageApi api, string path, object body)
    {
        try
        {
            await api.SendAsync("POST", path, body, form.FormKey());
            return PageAnswers.Go("/admin/adjustments?done=1");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound || refused.Code is "account_not_found")
        {
            return await ShowAsync(null, done: false, api, refused, form);
        }
    }
}
