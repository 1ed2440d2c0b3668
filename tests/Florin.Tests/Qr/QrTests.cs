using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using Florin.Qr;
using Florin.Tests.Payments;
using Florin.Tests.Wallets;

namespace Florin.Tests.Qr;

public sealed class QrTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("url")]
    [InlineData("emvco")]
    public async Task At_200_pixels_a_stranger_reads_exactly_what_we_wrote_also_from_a_bad_JPEG(string format)
    {
        var till = await Till.OpenAsync(app);
        var bill = await till.AskAsync("12.34");
        var image = await till.Merchant.GetAsync($"/v1/payments/{bill.Id}/qr?size=200&payload={format}");
        image.Must200("image/png");
        var read = await Scanner.ReadAsync(image.Bytes);
        Assert.Equal(read, await Scanner.ReadJpegAsync(image.Bytes, 30));
        Assert.Equal(read, await Scanner.ReadAsync(till.Merchant, $"/v1/payments/{bill.Code}/qr?payload={format}"));
        Assert.StartsWith(format is "url" ? $"http://localhost:8000/pay/{bill.Code}?s=" : "000201010212", read, StringComparison.Ordinal);
        Assert.Equal("true", (await VerifyAsync(read)).Text("verified"));
    }

    [Fact]
    public async Task An_EMVCo_code_says_whom_to_pay_how_much_and_by_which_code()
    {
        var till = await Till.OpenAsync(app);
        var bill = await till.AskAsync("12.34", "KZT");
        var text = await Scanner.ReadAsync(till.Merchant, $"/v1/payments/{bill.Code}/qr?payload=emvco");
        Assert.True(EmvCode.TryRead(text, out var fields));
        Assert.Equal("12", fields.Value(EmvCode.Initiation));
        Assert.Equal("5999", fields.Value(EmvCode.Category));
        Assert.Equal("398", fields.Value(EmvCode.Currency));
        Assert.Equal("12.34", fields.Value(EmvCode.Amount));
        Assert.Equal("KZ", fields.Value(EmvCode.Country));
        Assert.Equal("Corner Shop", fields.Value(EmvCode.MerchantName));
        Assert.Equal("Almaty", fields.Value(EmvCode.MerchantCity));
        Assert.True(EmvCode.TryReadTemplate(fields.Value(EmvCode.AdditionalData)!, out var additional));
        Assert.Equal(bill.Code, additional.Value(EmvCode.ReferenceLabel));
        Assert.True(EmvCode.TryReadTemplate(fields.Value(EmvCode.Unreserved)!, out var ours));
        Assert.Equal((QrPayloads.UniqueId, bill.Code), (ours.Value(EmvCode.UniqueId), ours.Value(QrPayloads.PaymentCode)));
        Assert.Equal(16, ours.Value(QrPayloads.Signature)!.Length);
    }

    [Fact]
    public async Task An_installation_may_speak_EMVCo_unless_asked_otherwise()
    {
        await using var emv = new FlorinApp { Settings = { ["FLORIN_QR_FORMAT"] = "emvco", ["FLORIN_QR_CITY"] = "Dhaka" } };
        await emv.InitializeAsync();
        var till = await Till.OpenAsync(emv);
        var bill = await till.AskAsync("1.00", "BDT");
        Assert.Contains("6005Dhaka", await Scanner.ReadAsync(till.Merchant, $"/v1/payments/{bill.Code}/qr"), StringComparison.Ordinal);
        Assert.StartsWith("http", await Scanner.ReadAsync(till.Merchant, $"/v1/payments/{bill.Code}/qr?payload=url"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 4)]
    [InlineData(137, 0)]
    [InlineData(200, 10)]
    [InlineData(2000, 1)]
    public async Task A_PNG_has_exactly_the_size_that_was_asked_for(int size, int margin)
    {
        var bill = await (await Till.OpenAsync(app)).AskAsync("1.00");
        using var answer = await app.Http.GetAsync(new Uri($"/v1/payments/{bill.Code}/qr?size={size}&margin={margin}", UriKind.Relative), Cancel);
        var png = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal((size, size), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
        Assert.Contains(bill.Code, await Scanner.ReadAsync(png), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_is_kept_by_its_tag_and_drawn_as_SVG_too()
    {
        var bill = await (await Till.OpenAsync(app)).AskAsync("1.00");
        var address = new Uri($"/v1/payments/{bill.Code}/qr", UriKind.Relative);
        using var first = await app.Http.GetAsync(address, Cancel);
        Assert.Equal("max-age=86400, private", first.Headers.CacheControl!.ToString());
        using var again = new HttpRequestMessage(HttpMethod.Get, address);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await app.Http.SendAsync(again, Cancel);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        using var svg = await app.Http.GetAsync(new Uri($"/v1/payments/{bill.Code}/qr?format=svg&size=300", UriKind.Relative), Cancel);
        Assert.Equal("image/svg+xml", svg.Content.Headers.ContentType!.MediaType);
        Assert.NotEqual(first.Headers.ETag, svg.Headers.ETag);
        var drawn = System.Xml.Linq.XDocument.Parse(await svg.Content.ReadAsStringAsync(Cancel)).Root!;
        Assert.Equal("300", drawn.Attribute("width")!.Value);
    }

    [Fact]
    public async Task What_cannot_be_drawn_or_is_not_for_the_caller_is_refused()
    {
        var till = await Till.OpenAsync(app);
        var bill = await till.AskAsync("1.00");
        foreach (var query in new[] { "size=99", "size=2001", "margin=11", "margin=-1", "format=gif", "payload=text", "size=x" })
        {
            (await till.Merchant.GetAsync($"/v1/payments/{bill.Code}/qr?{query}")).MustRefuse(400, "invalid_request");
        }

        var stranger = await Customer.NewAsync(app);
        (await stranger.GetAsync($"/v1/payments/{bill.Id}/qr")).MustRefuse(404, "not_found");
        (await stranger.GetAsync($"/v1/shops/{till.Shop}/qr")).MustRefuse(404, "not_found");
        using var guest = await app.Http.GetAsync(new Uri($"/v1/payments/{bill.Id}/qr", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, guest.StatusCode);
    }

    [Fact]
    public async Task A_code_that_was_changed_or_is_none_of_ours_is_told_apart()
    {
        var till = await Till.OpenAsync(app);
        var bill = await till.AskAsync("12.34");
        var other = await till.AskAsync("99.00");
        var url = await Scanner.ReadAsync(till.Merchant, $"/v1/payments/{bill.Code}/qr");
        var emv = await Scanner.ReadAsync(till.Merchant, $"/v1/payments/{bill.Code}/qr?payload=emvco");
        var right = await VerifyAsync(url);
        Assert.Equal(
            ["true", "payment", "Corner Shop", "12.34"],
            [right.Text("verified"), right.Text("kind"), right.Text("payee_name"), right.Text("amount.amount")]
        );

        // The signature of one payment on the code of another, and none at all: the payer still learns whom it would pay.
        foreach (
            var forged in new[]
            {
                url.Replace(bill.Code, other.Code, StringComparison.Ordinal),
                url[..^1] + (url[^1] is 'A' ? 'B' : 'A'),
                url[..url.IndexOf('?')],
            }
        )
        {
            var seen = await VerifyAsync(forged);
            Assert.Equal(["false", "Corner Shop"], [seen.Text("verified"), seen.Text("payee_name")]);
        }

        // An EMVCo code with another amount, whose checksum was made right again.
        Assert.True(EmvCode.TryRead(emv, out var fields));
        Assert.Equal("true", (await VerifyAsync(EmvCode.Write(fields))).Text("verified"));
        var dearer = EmvCode.Write(fields.Select(field => field.Id is EmvCode.Amount ? field with { Value = "1234.00" } : field));
        Assert.Equal("false", (await VerifyAsync(dearer)).Text("verified"));
        var elsewhere = EmvCode.Write(fields.Select(field => field.Id is EmvCode.Currency ? field with { Value = "978" } : field));
        Assert.Equal("false", (await VerifyAsync(elsewhere)).Text("verified"));
        foreach (var foreign in new[] { "https://evil.example/pay/" + bill.Code, "hello", "http://localhost:8000/pay/AAAAAAAAAAAAAAAAAAAAAA?s=x" })
        {
            var seen = await VerifyAsync(foreign);
            Assert.Equal(["false", "null", "null"], [seen.Text("verified"), seen.Text("kind"), seen.Text("payee_name")]);
        }
    }

    [Fact]
    public async Task The_payers_page_says_verified_or_warns()
    {
        var till = await Till.OpenAsync(app);
        var bill = await till.AskAsync("12.34");
        var url = new Uri(await Scanner.ReadAsync(till.Merchant, $"/v1/payments/{bill.Code}/qr"));
        Assert.Contains("verified: Corner Shop", await PageAsync(url.PathAndQuery), StringComparison.Ordinal);
        var warned = await PageAsync(url.AbsolutePath + "?s=AAAAAAAAAAAAAAAA");
        Assert.Contains("Warning: this QR code was changed", warned, StringComparison.Ordinal);
        Assert.DoesNotContain("verified: ", warned, StringComparison.Ordinal);
        var plain = await PageAsync(url.AbsolutePath);
        Assert.DoesNotContain("verified", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_display_watches_a_payment_by_a_code_that_does_nothing_else()
    {
        var till = await Till.OpenAsync(app);
        var payer = await (await Customer.NewAsync(app)).OpenAsync("USD", "20.00");
        var bill = await till.AskAsync("5.00");
        var shown = (await till.Merchant.GetAsync("/v1/payments/" + bill.Id)).Must(200);
        var watch = shown.Text("watch_code");
        Assert.Matches("^[A-Za-z0-9_-]{22}$", watch);
        Assert.NotEqual(bill.Code, watch);
        Assert.Equal("null", (await payer.Owner.GetAsync("/v1/payments/" + bill.Code)).Must(200).Text("watch_code"));

        var seen = await WatchAsync(watch);
        Assert.Equal(["status", "amount", "shop", "created_at", "expires_at", "completed_at"], seen.EnumerateObject().Select(one => one.Name));
        Assert.Equal(
            ["pending", "5.00", "Corner Shop", "null"],
            [seen.Text("status"), seen.Text("amount.amount"), seen.Text("shop"), seen.Text("completed_at")]
        );
        var paid = (await bill.PayAsync(payer)).Must(200);
        Assert.Equal("null", paid.Text("payment.watch_code"));
        seen = await WatchAsync(watch);
        Assert.Equal("completed", seen.Text("status"));
        Assert.Equal(paid.Text("payment.completed_at"), seen.Text("completed_at"));

        (await payer.Owner.GetAsync("/v1/payments/" + watch)).MustRefuse(404, "not_found");
        (await payer.Owner.GetAsync("/v1/payments/watch/" + bill.Code)).MustRefuse(404, "not_found");
        (await payer.Owner.GetAsync("/v1/payments/watch/" + bill.Id)).MustRefuse(404, "not_found");
    }

    private async Task<JsonElement> VerifyAsync(string payload)
    {
        using var answer = await app.Http.GetAsync(new Uri("/v1/qr/verify?payload=" + Uri.EscapeDataString(payload), UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
    }

    private async Task<JsonElement> WatchAsync(string code) =>
        JsonDocument.Parse(await app.Http.GetStringAsync(new Uri("/v1/payments/watch/" + code, UriKind.Relative), Cancel)).RootElement;

    private Task<string> PageAsync(string path) => app.Http.GetStringAsync(new Uri(path, UriKind.Relative), Cancel);
}
