using System.Text;
using Florin.Money;
using Florin.Payments;
using Florin.Platform;
using Florin.Platform.Pages;

namespace Florin.Qr.Pages;

/// <summary><c>/receipts/{code}</c>: the receipt as a page to print or share. Until it is paid, or where it never was, <c>/pay/{code}</c> says how it stands.</summary>
public static class ReceiptPage
{
    private const int QrSize = 200;

    /// <summary>The page.</summary>
    /// <param name="Number">The payment's id.</param>
    /// <param name="Payee">Who was paid.</param>
    /// <param name="Amount">What was paid.</param>
    /// <param name="Taken">What left the payer.</param>
    /// <param name="Method">By which method.</param>
    /// <param name="State">As the payment stands now.</param>
    /// <param name="Description">What the payee wrote.</param>
    /// <param name="Reference">The payee's own number.</param>
    /// <param name="PaidAt">When.</param>
    /// <param name="Url">The page's own address, to be shared.</param>
    /// <param name="Qr">The same as a QR code: an image's address.</param>
    /// <param name="Refunds">Each refund, oldest first.</param>
    public sealed record Facts(
        string Number,
        string Payee,
        Amount Amount,
        Amount? Taken,
        string? Method,
        string State,
        string? Description,
        string? Reference,
        DateTimeOffset PaidAt,
        string Url,
        string Qr,
        IReadOnlyList<Refund> Refunds
    );

    /// <summary>What went back.</summary>
    /// <param name="At">When it was asked for.</param>
    /// <param name="Amount">How much.</param>
    /// <param name="State">How it stands.</param>
    public sealed record Refund(DateTimeOffset At, Amount Amount, string State);

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/receipts/{code}", ShowAsync).AllowAnonymous();

    private static async Task<IResult> ShowAsync(string code, PageApi api)
    {
        if (code.Length != 22)
        {
            throw PlatformRefusals.NotFound.With(); // an id is no secret
        }

        try
        {
            var receipt = await api.GetAsync<ShowReceipt.Response>($"/v1/payments/{Uri.EscapeDataString(code)}/receipt");
            var svg = QrImage.Svg(receipt.Url, QrSize, QrImage.UsualMargin);
            var facts = new Facts(
                receipt.Number,
                receipt.Payee,
                receipt.Amount,
                receipt.Taken,
                receipt.Method,
                receipt.State,
                receipt.Description,
                receipt.Reference,
                receipt.PaidAt,
                receipt.Url,
                "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.ASCII.GetBytes(svg)),
                [.. receipt.Refunds.Select(one => new Refund(one.RequestedAt, one.Amount, one.State))]
            );
            return PageAnswers.Page<ReceiptView>(facts);
        }
        catch (PageRefusal refused) when (refused.Code is "payment_not_paid")
        {
            return PageAnswers.Go("/pay/" + code);
        }
    }
}
