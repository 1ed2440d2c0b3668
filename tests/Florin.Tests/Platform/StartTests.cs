using System.Net;

namespace Florin.Tests.Platform;

public sealed class StartTests(FlorinApp app) : IClassFixture<FlorinApp>
{
    [Fact]
    public async Task An_unknown_address_is_404_with_a_code()
    {
        var answer = await app.Http.GetAsync(new Uri("/v1/nothing", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
