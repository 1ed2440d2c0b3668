using Florin.Ledger;
using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Payments.Pages;

/// <summary><c>/admin/payments</c>: everybody's payments; <c>/admin/payments/{id}</c>: one, with all that happened to it and what staff may do.</summary>
public static class DeskPaymentsPage
{
    /// <summary>The list, and what it is filtered by.</summary>
    public sealed record Listed(Page<PaymentView> Payments, IReadOnlyDictionary<string, string?> Filter)
    {
        /// <summary>Why it was not read.</summary>
        public PageRefusal? Refused { get; init; }
    }

    /// <summary>One payment.</summary>
    public sealed record Shown(PaymentView Payment)
    {
        /// <summary>All that happened to it, oldest first.</summary>
        public IReadOnlyList<Happened> Timeline { get; init; } = [];

        /// <summary>What it caused in the book.</summary>
        public IReadOnlyList<BookPosting> Postings { get; init; } = [];

        /// <summary>Why something was not done.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>The key of the form that is shown again.</summary>
        public string? Key { get; init; }

        /// <summary>Whether the last action was done.</summary>
        public bool Done { get; init; }
    }

    /// <summary>Something that happened to a payment.</summary>
    /// <param name="At">When.</param>
    /// <param name="What">In English; translated when shown.</param>
    /// <param name="State">The state of what it is about, if any.</param>
    /// <param name="Detail">Further words.</param>
    /// <param name="Actor">Who did it, <c>usr_…</c>.</param>
    public sealed record Happened(DateTimeOffset At, string What, string? State = null, string? Detail = null, string? Actor = null);

    private sealed record Callback(string Id, string Gateway, string Kind, string Outcome, DateTimeOffset ReceivedAt);

    private sealed record Delivery(string Topic, string State, int Attempts, int? LastStatus, DateTimeOffset CreatedAt);

    private static readonly string[] Filters = ["state", "purpose", "method", "person", "reference", "from", "to", "amount", "shop"];

    internal static readonly string[] Reasons = ["customer_request", "duplicate", "fraudulent", "system_error", "other"];

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("", ListAsync);
        pages.MapGet("/{id}", static (string id, string? done, PageApi api) => ShowAsync(id, done is not null, api, refused: null, form: null));
        pages.MapPost("/{id}/refund", RefundAsync);
        pages.MapPost("/{id}/inquiry", static (string id, IFormCollection form, PageApi api) => DoAsync(id, "/inquiries", body: null, form, api));
        pages.MapPost("/{id}/receipt", static (string id, IFormCollection form, PageApi api) => DoAsync(id, "/receipt-messages", form.Reason(), form, api));
    }

    private static string Of(string id) => "/v1/payments/" + StaffForms.Part(id);

    private static async Task<IResult> ListAsync(HttpContext http, string? cursor, PageApi api)
    {
        var filter = Filters.ToDictionary(name => name, name => (string?)http.Request.Query[name], StringComparer.Ordinal);
        var shop = filter["shop"] is { Length: > 0 } of ? of : null;
        (string, string?)[] asked = shop is null
            ? [("all", "true"), .. filter.Where(one => one.Key is not "shop").Select(one => (one.Key, one.Value))]
            : [("state", filter["state"])];
        var path = shop is null ? "/v1/payments" : $"/v1/shops/{StaffForms.Part(shop)}/payments";
        try
        {
            var found = await api.GetAsync<Page<PaymentView>>(StaffForms.Query(path, [("limit", "30"), ("cursor", cursor), .. asked]));
            return PageAnswers.Page<DeskPaymentList>(new Listed(found, filter));
        }
        catch (PageRefusal refused) when (refused.Status is StatusCodes.Status400BadRequest)
        {
            return PageAnswers.Page<DeskPaymentList>(new Listed(new([], null), filter) { Refused = refused }, StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> ShowAsync(string id, bool done, PageApi api, PageRefusal? refused, IFormCollection? form)
    {
        var payment = await api.GetAsync<PaymentView>(Of(id));
        var attempts = (await api.GetAsync<Page<AttemptView>>(Of(id) + "/attempts?limit=100")).Data;
        var refunds = (await api.GetAsync<Page<RefundView>>(Of(id) + "/refunds?limit=100")).Data;
        var postings = (await api.GetAsync<Page<BookPosting>>(StaffForms.Query("/v1/ledger/postings", ("reference", payment.Id)))).Data;
        var callbacks = new List<Callback>();
        foreach (var attempt in attempts)
        {
            var path = StaffForms.Query("/v1/gateways/callbacks", ("attempt", attempt.Id["att_".Length..]), ("limit", "100"));
            callbacks.AddRange((await api.GetAsync<Page<Callback>>(path)).Data);
        }

        var deliveries = (await api.GetAsync<Page<Delivery>>(StaffForms.Query("/v1/webhook-deliveries", ("about", payment.Id)))).Data;
        var shown = new Shown(payment)
        {
            Timeline = [.. Events(payment, attempts, refunds, postings, callbacks, deliveries).OrderBy(one => one.At)],
            Postings = postings,
            Refused = refused,
            Key = refused is { Status: StatusCodes.Status503ServiceUnavailable } ? form?.FormKey() : null,
            Done = done,
        };
        return PageAnswers.Page<DeskPaymentDetail>(shown, refused is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static IEnumerable<Happened> Events(
        PaymentView payment,
        IReadOnlyList<AttemptView> attempts,
        IReadOnlyList<RefundView> refunds,
        IReadOnlyList<BookPosting> postings,
        IReadOnlyList<Callback> callbacks,
        IReadOnlyList<Delivery> deliveries
    )
    {
        yield return new Happened(payment.CreatedAt, "Made");
        foreach (var attempt in attempts)
        {
            yield return new Happened(attempt.StartedAt, "Attempt", Detail: attempt.Method);
            if (attempt.EndedAt is { } ended)
            {
                yield return new Happened(ended, "Attempt ended", attempt.State, attempt.FailureText ?? attempt.Method);
            }
        }

        foreach (var callback in callbacks)
        {
            yield return new Happened(callback.ReceivedAt, "Callback", callback.Outcome, $"{callback.Gateway} {callback.Kind}");
        }

        foreach (var posting in postings)
        {
            yield return new Happened(posting.PostedAt, "Booked", Detail: posting.Kind);
        }

        if (payment.CompletedAt is { } completed)
        {
            yield return new Happened(completed, "Paid", "completed", payment.Method, payment.Payer);
        }

        if (payment.EndedAt is { } stopped)
        {
            yield return new Happened(stopped, "Ended", payment.State);
        }

        foreach (var refund in refunds)
        {
            yield return new Happened(
                refund.RequestedAt,
                "Refund asked for",
                Detail: $"{refund.Amount.ToDecimalString()} {refund.Reason.Replace('_', ' ')} {refund.Note}".Trim()
            );
            if (refund.EndedAt is { } back)
            {
                yield return new Happened(back, "Refund ended", refund.State, refund.Destination);
            }
        }

        foreach (var delivery in deliveries)
        {
            yield return new Happened(
                delivery.CreatedAt,
                "Webhook",
                delivery.State,
                delivery.LastStatus is { } status ? $"{delivery.Topic} ({status})" : delivery.Topic
            );
        }
    }

    private static Task<IResult> RefundAsync(string id, IFormCollection form, PageApi api)
    {
        var amount = form.Given("amount") is { } typed && Currency.TryParse(form["currency"].ToString(), out var known) ? TypedAmount.Read(typed, known) : null;
        return DoAsync(
            id,
            "/refunds",
            new
            {
                amount,
                reason = form["reason"].ToString(),
                note = form.Given("note"),
            },
            form,
            api
        );
    }

    private static async Task<IResult> DoAsync(string id, string what, object? body, IFormCollection form, PageApi api)
    {
        try
        {
            await api.SendAsync("POST", Of(id) + what, body, form.FormKey());
            return PageAnswers.Go($"/admin/payments/{id}?done=1");
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status404NotFound)
        {
            return await ShowAsync(id, done: false, api, refused, form);
        }
    }
}
