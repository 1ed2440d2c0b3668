using System.Globalization;
using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Vouchers.Pages;

/// <summary><c>/admin/vouchers</c>: what is in the shop window, and the discounts on it.</summary>
public static class DeskVouchersPage
{
    /// <summary>What is shown.</summary>
    public sealed record Shown(IReadOnlyList<VoucherTypeView> Types, IReadOnlyList<VoucherDiscountView> Discounts)
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

    private static readonly string[] Fields =
    [
        "what",
        "code",
        "name",
        "prices",
        "validity_days",
        "uses",
        "description",
        "percent",
        "valid_from",
        "valid_until",
        "max_uses",
    ];

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/vouchers", static (string? done, PageApi api) => ShowAsync(api, form: null, refused: null, done is not null));
        pages.MapPost("/vouchers/types", static (IFormCollection form, PageApi api) => DoAsync("POST", "/v1/voucher-types", TypeOf, form, api));
        pages.MapPost(
            "/vouchers/types/{id}",
            static (string id, IFormCollection form, PageApi api) =>
                DoAsync("PATCH", "/v1/voucher-types/" + StaffForms.Part(id), static form => new { active = form["active"].ToString() is "true" }, form, api)
        );
        pages.MapPost("/vouchers/discounts", static (IFormCollection form, PageApi api) => DoAsync("POST", "/v1/voucher-discounts", DiscountOf, form, api));
        pages.MapPost(
            "/vouchers/discounts/{id}",
            static (string id, IFormCollection form, PageApi api) =>
                DoAsync("PATCH", "/v1/voucher-discounts/" + StaffForms.Part(id), static form => new { active = form["active"].ToString() is "true" }, form, api)
        );
    }

    private static async Task<IResult> ShowAsync(PageApi api, IFormCollection? form, PageRefusal? refused, bool done) =>
        PageAnswers.Page<DeskVouchers>(
            new Shown(
                (await api.GetAsync<Page<VoucherTypeView>>("/v1/voucher-types/all?limit=100")).Data,
                (await api.GetAsync<Page<VoucherDiscountView>>("/v1/voucher-discounts?limit=100")).Data
            )
            {
                Typed = Fields.ToDictionary(name => name, name => form?[name].ToString() ?? "", StringComparer.Ordinal),
                Refused = refused,
                Key = refused is { Status: StatusCodes.Status503ServiceUnavailable } ? form?.FormKey() : null,
                Done = done,
            },
            refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );

    private static object TypeOf(IFormCollection form) =>
        new
        {
            code = form["code"].ToString(),
            name = form["name"].ToString(),
            prices = Prices(form),
            description = form.Given("description"),
            validity_days = Number(form, "validity_days") ?? 30,
            uses = Number(form, "uses") ?? 1,
        };

    private static object DiscountOf(IFormCollection form)
    {
        if (
            !decimal.TryParse((form.Given("percent") ?? "").Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            || percent > 100
            || percent * 100 % 1 != 0
        )
        {
            throw PageRefusal.Of("percent", "must be a number with at most two digits after the point");
        }

        return new
        {
            code = form["code"].ToString(),
            valid_from = Day(form, "valid_from"),
            valid_until = Day(form, "valid_until").AddDays(1),
            percent_bps = (int)(percent * 100),
            max_uses = Number(form, "max_uses"),
            description = form.Given("description"),
        };
    }

    private static List<TypedAmount> Prices(IFormCollection form) =>
        [
            .. (form.Given("prices") ?? "")
                .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(sum =>
                    sum.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var amount, var code] && Currency.TryParse(code, out var currency)
                        ? TypedAmount.Read(amount, currency)
                        : throw PageRefusal.Of("prices", "must be sums such as 0.10 USD; 50 KZT")
                ),
        ];

    private static int? Number(IFormCollection form, string name) =>
        form.Given(name) is not { } typed ? null
        : int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw PageRefusal.Of(name, "must be a whole number");

    private static DateTimeOffset Day(IFormCollection form, string name) =>
        Instants.TryReadDay(form[name].ToString(), out var day)
            ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)
            : throw PageRefusal.Of(name, "must be a day");

    private static async Task<IResult> DoAsync(string method, string path, Func<IFormCollection, object> body, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync(method, path, body(form), form.FormKey());
            return PageAnswers.Go("/admin/vouchers?done=1");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(api, form, refused, done: false);
        }
    }
}
