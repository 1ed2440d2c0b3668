using Florin.Platform;
using Florin.Platform.Pages;
using Microsoft.AspNetCore.WebUtilities;

namespace Florin.Vouchers.Pages;

/// <summary><c>/vouchers/mine</c>: a person's own vouchers with figures and filter; each with its code, QR, history and the way to give it away.</summary>
public static class MyVouchersPage
{
    /// <summary>The list.</summary>
    public sealed record Form(string? State)
    {
        internal ShowVoucherStats.Response Stats { get; init; } = null!;

        internal Page<VoucherView> Vouchers { get; init; } = null!;
    }

    /// <summary>One of them.</summary>
    /// <param name="To">To whom it is to be given, as typed.</param>
    /// <param name="Refused">Why the form is shown again.</param>
    public sealed record One(string? To = null, PageRefusal? Refused = null)
    {
        internal VoucherView Voucher { get; init; } = null!;

        internal Page<ListVouchers.HistoryLine> History { get; init; } = null!;

        internal Recipient? Recipient { get; init; }

        internal string CodeShown => VoucherCode.Show(Voucher.Code);
    }

    /// <summary>Whom a wallet number or login leads to.</summary>
    internal sealed record Recipient(string Number, string Name);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/mine", ListAsync);
        pages.MapGet("/mine/{id}", ShowAsync);
        pages.MapPost("/mine/{id}/gift", ReviewAsync).LimitRate(RateLimit.Money);
        pages.MapPost("/mine/{id}/gift/confirm", GiveAsync).LimitRate(RateLimit.Money);
    }

    private static async Task<IResult> ListAsync(string? state, string? cursor, PageApi api)
    {
        var chosen = VoucherStates.All.Contains(state, StringComparer.Ordinal) ? state : null;
        var query = new Dictionary<string, string?>(StringComparer.Ordinal) { ["state"] = chosen, ["cursor"] = cursor };
        return PageAnswers.Page<MyVouchers>(
            new Form(chosen)
            {
                Stats = await api.GetAsync<ShowVoucherStats.Response>("/v1/vouchers/stats"),
                Vouchers = await api.GetAsync<Page<VoucherView>>(QueryHelpers.AddQueryString("/v1/vouchers", query)),
            }
        );
    }

    private static async Task<IResult> ShowAsync(string id, string? cursor, PageApi api) =>
        PageAnswers.Page<MyVoucher>(await FillAsync(id, new One(), cursor, api));

    private static async Task<IResult> ReviewAsync(string id, IFormCollection form, PageApi api)
    {
        var shown = new One(form["to"].ToString().Trim());
        try
        {
            var recipient = await api.SendAsync<Recipient>("POST", "/v1/recipients", new { to = shown.To });
            return PageAnswers.Page<MyVoucher>(await FillAsync(id, shown with { Recipient = recipient }, null, api));
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<MyVoucher>(await FillAsync(id, shown with { Refused = refused }, null, api), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> GiveAsync(string id, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", $"/v1/vouchers/{Uri.EscapeDataString(id)}/gift", new { to = form["number"].ToString() }, form["idempotency_key"]);
            return PageAnswers.Go("/vouchers/mine");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return PageAnswers.Page<MyVoucher>(await FillAsync(id, new One(Refused: refused), null, api), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<One> FillAsync(string id, One shown, string? cursor, PageApi api)
    {
        var path = "/v1/vouchers/" + Uri.EscapeDataString(id);
        return shown with
        {
            Voucher = await api.GetAsync<VoucherView>(path),
            History = await api.GetAsync<Page<ListVouchers.HistoryLine>>(
                cursor is null ? path + "/history" : QueryHelpers.AddQueryString(path + "/history", "cursor", cursor)
            ),
        };
    }
}
