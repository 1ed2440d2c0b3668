using Florin.Files;
using Florin.Tests.Identity;

namespace Florin.Tests.Routes;

internal static partial class RouteExamples
{
    private static IEnumerable<RouteExample> Files() =>
        [
            new("DELETE /v1/files/{id}", who => FileAsync(who, "")),
            new("GET /v1/files/{id}", who => FileAsync(who, "")),
            new("GET /v1/files/{id}/content", who => FileAsync(who, "/content")),
        ];

    // A file that was worked on, against a credit that was paid from a wallet.
    private static async Task<string> FileAsync(SignedIn who, string rest)
    {
        var cancel = TestContext.Current.CancellationToken;
        var price = new { amount = new { amount = "100.00", currency = "BDT" } };
        var wallet = (await SignedIn.Json(await who.SendAsync("POST", "/v1/wallets", new { currency = "BDT" }))).GetProperty("id").GetString();
        await SignedIn.Json(await who.SendAsync("POST", $"/v1/wallets/{wallet}/deposits", price));
        var payment = (await SignedIn.Json(await who.SendAsync("POST", "/v1/payments", new { purpose = "file_credit" }))).GetProperty("code").GetString();
        await SignedIn.Json(await who.SendAsync("POST", $"/v1/payments/{payment}/pay", new { method = "wallet", wallet }));
        using var form = new MultipartFormDataContent { { new ByteArrayContent("some words"u8.ToArray()), "file", "words.txt" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = form };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        var file = (await SignedIn.Json(await who.Http.SendAsync(request, cancel))).GetProperty("id").GetString();
        await who.App.Get<FileProcessing>().RunAsync(cancel);
        return $"/v1/files/{file}{rest}";
    }
}
