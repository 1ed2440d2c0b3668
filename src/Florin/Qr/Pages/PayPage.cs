using Florin.Fx;
using Florin.Identity.Pages;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;
using Florin.Shops;
using Florin.Wallets;

namespace Florin.Qr.Pages;

/// <summary><c>/pay/{code}</c>: the payer's page. Whoever has the code sees what is to be paid; signed in, from which wallet; a guest pays by card.</summary>
public static class PayPage
{
    private const string AttemptCookie = "florin_attempt";

    // Their next step is a redirect; Stripe's needs its script, which no page of ours loads.
    private static readonly string[] Hosted = ["aamarpay", "sandbox"];

    /// <summary>The page.</summary>
    /// <param name="Code">The payment's.</param>
    /// <param name="Signature">Of the QR code that led here; null where none did.</param>
    /// <param name="State">One of <see cref="PaymentStates"/>; expired also where the clock alone says so.</param>
    /// <param name="PayeeName">Who is paid.</param>
    /// <param name="Amount">What they get.</param>
    /// <param name="Description">What they wrote for the payer.</param>
    /// <param name="ExpiresAt">When it can no longer be begun to be paid.</param>
    /// <param name="Verified">Whether the QR code is ours; null where none led here.</param>
    public sealed record Facts(
        string Code,
        string? Signature,
        string State,
        string PayeeName,
        Amount Amount,
        string? Description,
        DateTimeOffset ExpiresAt,
        bool? Verified
    )
    {
        /// <summary>What it is for, such as <c>sale</c>.</summary>
        public string Purpose { get; init; } = "";

        /// <summary>Where the shop's picture is.</summary>
        public string? Picture { get; init; }

        /// <summary>Whether it can be paid now.</summary>
        public bool Open => State is PaymentStates.Pending or PaymentStates.Processing;

        /// <summary>Whether it was paid.</summary>
        public bool Paid => State is PaymentStates.Completed or PaymentStates.PartiallyRefunded or PaymentStates.Refunded;

        /// <summary>The reader's wallets; none where nobody is signed in.</summary>
        public IReadOnlyList<Source> Sources { get; init; } = [];

        /// <summary>What will be taken from the chosen wallet; null where none can be offered.</summary>
        public Offer? Offer { get; init; }

        /// <summary>The gateways that a guest may pay by too.</summary>
        public IReadOnlyList<string> Gateways { get; init; } = [];

        /// <summary>The gateway at which this browser began to pay, and may go on.</summary>
        public Begun? Begun { get; init; }

        /// <summary>What the reader was refused.</summary>
        public PageRefusal? Refused { get; init; }

        /// <summary>The key of the form that is shown again; null for a new one.</summary>
        public string? Key { get; init; }

        /// <summary>The page's own address.</summary>
        public string Address => $"/pay/{Code}{(Signature is null ? "" : "?s=" + Uri.EscapeDataString(Signature))}";

        /// <summary>The page's own address with a wallet chosen.</summary>
        public string With(Source source) => Address + (Signature is null ? '?' : '&') + "wallet=" + source.Wallet;
    }

    /// <summary>A wallet that could pay.</summary>
    /// <param name="Wallet"><c>wal_…</c></param>
    /// <param name="Name">What its owner calls it.</param>
    /// <param name="Available">What may be spent of it.</param>
    public sealed record Source(string Wallet, string Name, Amount Available);

    /// <summary>What the payer is shown before they pay, and pays exactly.</summary>
    /// <param name="Wallet">Which wallet.</param>
    /// <param name="Taken">What leaves it.</param>
    /// <param name="Rate">What one unit of its currency buys, where something is converted.</param>
    /// <param name="PinRequired">Whether the PIN is asked, or a passkey instead.</param>
    /// <param name="Challenge">Binds it.</param>
    /// <param name="Quote">Locks the rate, where something is converted.</param>
    /// <param name="ExpiresAt">A minute from when it was made.</param>
    public sealed record Offer(string Wallet, Amount Taken, string? Rate, bool PinRequired, string Challenge, string? Quote, DateTimeOffset ExpiresAt)
    {
        /// <summary>Whether the payer has a passkey to give instead of the PIN.</summary>
        public bool PasskeyOffered { get; init; }
    }

    /// <summary>A payment by gateway that this browser began.</summary>
    /// <param name="Method">Which gateway.</param>
    /// <param name="Key">The key it was begun with; sent again it leads to the same place.</param>
    public sealed record Begun(string Method, string Key);

    /// <summary>On the way to a gateway's own page.</summary>
    /// <param name="Url">Where that is.</param>
    /// <param name="Back">The payer's page.</param>
    public sealed record Leaving(string Url, string Back);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/pay/{code}", ShowAsync).AllowAnonymous();
        pages.MapPost("/pay/{code}", PayAsync).AllowAnonymous().LimitRate(RateLimit.Money);
        pages.MapPost("/pay/{code}/passkey-options", AskPasskeyAsync).RequireAuthorization(Policies.Person).LimitRate(RateLimit.Guessing);
        pages.MapPost("/pay/{code}/gateway", BeginAsync).AllowAnonymous().LimitRate(RateLimit.Money);
    }

    private static async Task<IResult> ShowAsync(string code, string? s, string? wallet, PageContext page, PageApi api, QrSettings settings) =>
        PageAnswers.Page<PayView>(await FactsAsync(code, s, wallet, page, api, settings));

    private static async Task<IResult> PayAsync(string code, IFormCollection form, PageContext page, PageApi api, QrSettings settings)
    {
        var wallet = Given(form["wallet"]);
        var quote = Given(form["quote"]);
        var passkey = Given(form["passkey_state"]) is null ? null : PasskeyPages.AnswerOf(form);
        var key = Given(form["idempotency_key"]);
        try
        {
            // Asking a device takes its time, and its answer counts once: where nothing is converted, what the payer was shown is still what will be taken.
            var challenge = passkey is null || quote is not null ? Given(form["challenge"]) : await AgainAsync();
            try
            {
                await SendAsync(challenge);
            }
            catch (PageRefusal late) when (late.Code is "challenge_expired" && quote is null && passkey is null)
            {
                await SendAsync(await AgainAsync());
            }

            return PageAnswers.Go("/pay/" + code);
        }
        catch (PageRefusal refused) when (refused.Status != StatusCodes.Status401Unauthorized)
        {
            var shown = await FactsAsync(code, Given(form["s"]), wallet, page, api, settings);
            return Again(shown, refused, key);
        }

        async Task<string> AgainAsync() => (await api.SendAsync<CreateChallenge.Response>("POST", $"/v1/payments/{code}/challenges", new { wallet })).Challenge;

        Task SendAsync(string? challenge)
        {
            var order = new
            {
                method = "wallet",
                wallet,
                pin = Given(form["pin"]),
                quote_id = quote,
                challenge,
                passkey,
            };
            return api.SendAsync("POST", $"/v1/payments/{code}/pay", order, key);
        }
    }

    private static async Task<IResult> AskPasskeyAsync(string code, PageApi api) =>
        Results.Bytes((await api.SendAsync("POST", $"/v1/payments/{Uri.EscapeDataString(code)}/passkey-options")).Body, "application/json");

    private static async Task<IResult> BeginAsync(string code, IFormCollection form, PageContext page, PageApi api, QrSettings settings)
    {
        var key = Given(form["idempotency_key"]);
        var method = form["method"].ToString();
        var email = Given(form["email"]);
        try
        {
            var path = $"/v1/payments/{code}/pay";
            var body = new { method, contact = email is null ? null : new { email } };
            var begun = await api.SendAsync<PayPayment.Response>("POST", path, body, key);
            if (begun.Attempt.NextAction is not { Type: "redirect", Url: { } url })
            {
                return PageAnswers.Go("/pay/" + code);
            }

            Remember(page.Http, code, new Begun(method, key!));
            return url.StartsWith(settings.PublicUrl + "/", StringComparison.Ordinal)
                ? PageAnswers.Go(url[settings.PublicUrl.Length..])
                : PageAnswers.Page<LeaveView>(new Leaving(url, "/pay/" + code)); // no redirect: the policy lets forms lead to our own pages only
        }
        catch (PageRefusal refused)
        {
            return Again(await FactsAsync(code, Given(form["s"]), null, page, api, settings), refused, key);
        }
    }

    // What can no longer be paid says so by itself, whatever the refusal was.
    private static IResult Again(Facts shown, PageRefusal refused, string? key) =>
        shown.Open
            ? PageAnswers.Page<PayView>(
                shown with
                {
                    Refused = refused,
                    Key = refused.Status >= StatusCodes.Status500InternalServerError && shown.Offer?.Quote is null ? key : null,
                },
                StatusCodes.Status422UnprocessableEntity
            )
            : PageAnswers.Go(shown.Address);

    private static async Task<Facts> FactsAsync(string code, string? signature, string? wallet, PageContext page, PageApi api, QrSettings settings)
    {
        // A page shows by its code only: an id is no secret.
        var payment =
            code.Length == 22 ? await api.GetAsync<PaymentView>("/v1/payments/" + Uri.EscapeDataString(code)) : throw PlatformRefusals.NotFound.With();
        var late = payment.State is PaymentStates.Pending && payment.ExpiresAt <= page.Now;
        var facts = new Facts(
            payment.Code,
            signature,
            late ? PaymentStates.Expired : payment.State,
            payment.PayeeName,
            payment.Amount,
            payment.Description,
            payment.ExpiresAt,
            signature is null ? null : await IsOursAsync($"{settings.PublicUrl}/pay/{code}?s={signature}", api)
        )
        {
            Purpose = payment.Purpose,
            Picture = payment.Subject.TryGetProperty("shop", out var shop) ? await PictureAsync(shop.GetString()!, api) : null,
        };
        if (!facts.Open)
        {
            return facts;
        }

        facts = facts with
        {
            Gateways = [.. payment.Methods.Intersect(Hosted, StringComparer.Ordinal)],
            Begun = facts.State is PaymentStates.Processing ? Recall(page.Http) : null,
        };
        return page.Caller is null ? facts : await OfferAsync(facts, wallet, api);
    }

    private static async Task<Facts> OfferAsync(Facts facts, string? wanted, PageApi api)
    {
        var wallets = await api.GetAsync<Page<WalletView>>("/v1/wallets");
        var sources = wallets.Data.Select(one => new Source(one.Id, one.Name, one.Available)).ToList();
        var same = sources.Where(one => one.Available.Currency == facts.Amount.Currency).ToList();
        var chosen =
            sources.Find(one => string.Equals(one.Wallet, wanted, StringComparison.Ordinal))
            ?? same.Find(one => one.Available.Minor >= facts.Amount.Minor)
            ?? sources.Find(one => one.Available.Minor > 0 && one.Available.Currency != facts.Amount.Currency)
            ?? same.FirstOrDefault()
            ?? sources.FirstOrDefault();
        facts = facts with { Sources = sources };
        if (chosen is null)
        {
            return facts;
        }

        try
        {
            var from = chosen.Available.Currency;
            var quote =
                from == facts.Amount.Currency
                    ? null
                    : await api.SendAsync<ShowQuote.Response>(
                        "POST",
                        "/v1/quotes",
                        new
                        {
                            from,
                            to = facts.Amount.Currency,
                            target_amount = facts.Amount,
                        }
                    );
            var body = new { wallet = chosen.Wallet, quote_id = quote?.Id };
            var bound = await api.SendAsync<CreateChallenge.Response>("POST", $"/v1/payments/{facts.Code}/challenges", body);
            var passkeys = bound.PinRequired ? await api.GetAsync<Page<PasskeyPages.PasskeyRow>>("/v1/me/passkeys?limit=1") : null;
            return facts with
            {
                Offer = new Offer(bound.Wallet, bound.Taken, bound.Rate, bound.PinRequired, bound.Challenge, quote?.Id, bound.ExpiresAt)
                {
                    PasskeyOffered = passkeys?.Data.Count > 0,
                },
            };
        }
        catch (PageRefusal refused) when (refused.Status is not StatusCodes.Status401Unauthorized)
        {
            return facts with { Refused = refused };
        }
    }

    /// <summary>Whether a QR code is one of ours and unchanged.</summary>
    internal static async Task<bool> IsOursAsync(string payload, PageApi api) =>
        (await api.GetAsync<VerifyQr.Response>("/v1/qr/verify?payload=" + Uri.EscapeDataString(payload))).Verified;

    private static async Task<string?> PictureAsync(string shop, PageApi api) => (await api.GetAsync<ShowShopSign.Response>($"/v1/shops/{shop}/sign")).Picture;

    private static void Remember(HttpContext http, string code, Begun begun) =>
        http.Response.Cookies.Append(
            AttemptCookie,
            $"{begun.Method} {begun.Key}",
            new CookieOptions
            {
                Path = "/pay/" + code,
                HttpOnly = true,
                SameSite = SameSiteMode.Lax,
                Secure = http.Request.IsHttps,
                MaxAge = TimeSpan.FromHours(1),
                IsEssential = true,
            }
        );

    private static Begun? Recall(HttpContext http) =>
        http.Request.Cookies[AttemptCookie]?.Split(' ') is [var method, var key] && Hosted.Contains(method, StringComparer.Ordinal)
            ? new Begun(method, key)
            : null;

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
