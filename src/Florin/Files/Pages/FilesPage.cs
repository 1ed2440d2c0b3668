using System.Globalization;
using Florin.Money;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Files.Pages;

/// <summary><c>/files</c>: credits, buying more of them, sending a file, and one's own files.</summary>
public static class FilesPage
{
    /// <summary>What the page shows.</summary>
    public sealed record Shown
    {
        /// <summary>The service that was chosen.</summary>
        public string? Service { get; init; }

        /// <summary>Service and currency of the credits that were asked for.</summary>
        public string? Offer { get; init; }

        /// <summary>How many credits were asked for.</summary>
        public string? Quantity { get; init; }

        /// <summary>Why the form for credits is shown again.</summary>
        public PageRefusal? NotBought { get; init; }

        /// <summary>Why the form for files is shown again.</summary>
        public PageRefusal? NotSent { get; init; }

        internal IReadOnlyList<ListFilePrices.Response> Offers { get; init; } = [];

        internal IReadOnlyList<ListCredits.Response> Credits { get; init; } = [];

        internal IReadOnlyList<FileView> Files { get; init; } = [];

        internal string? Cursor { get; init; }

        internal string TitleOf(string service) => Offers.FirstOrDefault(offer => offer.Service.Equals(service, StringComparison.Ordinal))?.Title ?? service;
    }

    private sealed record ToPay(string PayUrl);

    internal static void Map(RouteGroupBuilder pages, FileSettings settings)
    {
        var most = settings.MostBytes + UploadReader.Overhead;
        pages.MapGet("", async (string? cursor, PageApi api) => PageAnswers.Page<FileList>(await FillAsync(api, new Shown(), cursor)));
        pages.MapPost("", SendAsync).LimitBody(most).WithFormOptions(multipartBodyLengthLimit: most).LimitRate(RateLimit.Costly);
        pages.MapPost("/credits", BuyAsync).LimitRate(RateLimit.Money);
    }

    private static async Task<Shown> FillAsync(PageApi api, Shown shown, string? cursor = null)
    {
        var files = await api.GetAsync<Page<FileView>>("/v1/files" + (cursor is null ? "" : "?cursor=" + Uri.EscapeDataString(cursor)));
        return shown with
        {
            Offers = (await api.GetAsync<Page<ListFilePrices.Response>>("/v1/file-services")).Data,
            Credits = (await api.GetAsync<Page<ListCredits.Response>>("/v1/file-credits")).Data,
            Files = files.Data,
            Cursor = files.NextCursor,
        };
    }

    private static async Task<IResult> SendAsync(IFormCollection form, PageApi api)
    {
        var shown = new Shown { Service = form["service"] };
        try
        {
            if (form.Files is not [{ Length: > 0 } file])
            {
                throw PageRefusal.Of("file", "Choose a file first.");
            }

            await using var content = file.OpenReadStream();
            using var part = new StreamContent(content);
            using var text = new StringContent(shown.Service ?? "");
            using var body = new MultipartFormDataContent { { text, "service" }, { part, "file", file.FileName.Length == 0 ? "file" : file.FileName } };
            await using var stream = await body.ReadAsStreamAsync(); // one part after another, nothing gathered
            var answer = await api.SendAsync("POST", "/v1/files", stream, body.Headers.ContentType!.ToString(), form["idempotency_key"]);
            return PageAnswers.Go("/files/" + answer.Read<FileView>().Id);
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<FileList>(await FillAsync(api, shown with { NotSent = refused }), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<IResult> BuyAsync(IFormCollection form, PageApi api)
    {
        var offer = form["offer"].ToString().Split(' ');
        var shown = new Shown { Offer = form["offer"], Quantity = form["quantity"] };
        try
        {
            if (!int.TryParse(shown.Quantity, NumberStyles.None, CultureInfo.InvariantCulture, out var quantity) || quantity is < 1 or > CreditLot.Most)
            {
                throw PageRefusal.Of("quantity", "Choose a number from 1 to 100.");
            }

            var order = new
            {
                purpose = BuyCredits.Name,
                subject = new
                {
                    service = offer[0],
                    quantity,
                    currency = offer.Length > 1 ? offer[1] : null,
                },
            };
            var payment = await api.SendAsync<ToPay>("POST", "/v1/payments", order, form["idempotency_key"]);
            return PageAnswers.Go(new Uri(payment.PayUrl).PathAndQuery);
        }
        catch (PageRefusal refused)
        {
            return PageAnswers.Page<FileList>(await FillAsync(api, shown with { NotBought = refused }), StatusCodes.Status422UnprocessableEntity);
        }
    }
}
