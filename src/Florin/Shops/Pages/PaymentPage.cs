using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Shops.Pages;

/// <summary><c>/portal/payments/{id}</c>: a payment at the till, from its QR code to its tick, and what became of it.</summary>
public static class PaymentPage
{
    /// <summary>What is shown.</summary>
    /// <param name="Payment">The payment.</param>
    public sealed record Shown(PaymentView Payment)
    {
        /// <summary>Every try to collect it.</summary>
        public IReadOnlyList<Attempted> Attempts { get; init; } = [];

        /// <summary>What went back.</summary>
        public IReadOnlyList<Returned> Refunds { get; init; } = [];

        /// <summary>The ticket of a card whose payer is to give their PIN.</summary>
        public string? Ticket { get; init; }

        /// <summary>The key of the form that is shown again.</summary>
        public string? Key { get; init; }

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }
    }

    /// <summary>A try to collect a payment.</summary>
    public sealed record Attempted(string Id, string Method, string State, string? FailureText, DateTimeOffset StartedAt);

    /// <summary>Money on its way back.</summary>
    public sealed record Returned(string Id, Money.Amount Amount, string Destination, string Reason, string? Note, string State, DateTimeOffset RequestedAt);

    internal static void Map(RouteGroupBuilder portal)
    {
        portal.MapGet("/payments/{id}", static (string id, PageApi api) => ShowAsync(id, api, refused: null, form: null));
        portal.MapGet("/payments/{id}/qr", QrAsync);
        portal.MapPost("/payments/{id}/cash", CashAsync);
        portal.MapPost("/payments/{id}/card", CardAsync);
        portal.MapPost("/payments/{id}/cancel", CancelAsync);
    }

    /// <summary>The path of a payment at <c>/v1</c>.</summary>
    internal static string Of(string id) => "/v1/payments/" + Uri.EscapeDataString(id);

    private static async Task<IResult> ShowAsync(string id, PageApi api, PageRefusal? refused, IFormCollection? form)
    {
        var shown = new Shown(await api.GetAsync<PaymentView>(Of(id)))
        {
            Attempts = (await api.GetAsync<Page<Attempted>>(Of(id) + "/attempts")).Data,
            Refunds = (await api.GetAsync<Page<Returned>>(Of(id) + "/refunds")).Data,
            Refused = refused,
            Key = refused is null ? null : form?.KeyAgain(refused),
            Ticket = refused is { Code: "pin_needed" } ? refused.Extension("ticket")?.GetString() : null,
        };
        return PageAnswers.Page<PaymentDetail>(shown, refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> QrAsync(string id, HttpContext http, PageApi api)
    {
        var picture = await api.SendAsync("GET", Of(id) + "/qr?format=svg&size=600");
        http.Response.Headers.CacheControl = "private, max-age=300";
        return Results.Bytes(picture.Body, picture.ContentType);
    }

    private static Task<IResult> CashAsync(string id, string? till, IFormCollection form, PageApi api) =>
        DoAsync(id, till, form, api, "/pay", new { method = CashMethod.MethodName });

    private static Task<IResult> CardAsync(string id, string? till, IFormCollection form, PageApi api) =>
        DoAsync(
            id,
            till,
            form,
            api,
            "/pay",
            form.Text("ticket") is { } ticket
                ? new
                {
                    method = "wallet",
                    ticket,
                    pin = form["pin"].ToString(),
                }
                : new { method = "wallet", card = form["card"].ToString().Trim() }
        );

    private static Task<IResult> CancelAsync(string id, string? till, IFormCollection form, PageApi api) => DoAsync(id, till, form, api, "/cancel", body: null);

    private static async Task<IResult> DoAsync(string id, string? till, IFormCollection form, PageApi api, string what, object? body)
    {
        try
        {
            await api.SendAsync("POST", Of(id) + what, body, form.Key());
            return PageAnswers.Go($"/portal/payments/{id}{(till is "1" ? "?till=1" : null)}");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, api, refused, form);
        }
    }
}
