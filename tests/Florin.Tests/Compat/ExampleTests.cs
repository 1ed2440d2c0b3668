using Florin.Tests.Payments;

namespace Florin.Tests.Compat;

/// <summary>The scripts that follow each README with curl, as they stand in <c>docs/examples</c>, against one server.</summary>
public sealed class ExampleTests(ExampleServer server) : IClassFixture<ExampleServer>
{
    [Theory]
    [InlineData("veinpay.sh", "POST  /api/pay/")]
    [InlineData("voucher-app.sh", "GET /api/analytics/user/ → 200")]
    [InlineData("payment-files.sh", "\"status\":\"Completed\"")]
    [InlineData("qr-pay.sh", "{\"type\":\"payment_completed\"")]
    [InlineData("wallet-api.sh", "PATCH /users/password/verify/ → 200")]
    public async Task Follows_its_readme_to_the_end(string script, string prints)
    {
        var (code, output) = await server.RunAsync(script, script is "veinpay.sh" ? server.Photos : []);
        Assert.True(code == 0 && output.TrimEnd().EndsWith("done", StringComparison.Ordinal), $"{script} ended with {code}:\n{output}");
        Assert.Contains(prints, output, StringComparison.Ordinal);
        await Books.CheckAsync(server.App);
    }
}
